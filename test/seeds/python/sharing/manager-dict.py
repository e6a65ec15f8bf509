"""Ten processes write into one dictionary, which lives in a manager; printed sorted, since the order of arrival is open."""
import multiprocessing


def worker(d, key, value):
    d[key] = value


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    mgr = multiprocessing.Manager()
    d = mgr.dict()
    jobs = [multiprocessing.Process(target=worker, args=(d, i, i * 2)) for i in range(10)]
    for j in jobs:
        j.start()
    for j in jobs:
        j.join()
    print('Results:', dict(sorted(d.items())))
