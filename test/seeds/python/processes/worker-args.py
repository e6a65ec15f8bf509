"""Each process gets its own argument, which is pickled on the way."""
import multiprocessing


def worker(num):
    print('Worker:', num)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    jobs = []
    for i in range(5):
        p = multiprocessing.Process(target=worker, args=(i,))
        jobs.append(p)
        p.start()
