"""The same with a list: what one process appends, all see."""
import multiprocessing


def worker(lst, value):
    lst.append(value)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    mgr = multiprocessing.Manager()
    lst = mgr.list()
    jobs = [multiprocessing.Process(target=worker, args=(lst, i * 2)) for i in range(10)]
    for j in jobs:
        j.start()
    for j in jobs:
        j.join()
    print('Results:', sorted(lst))
