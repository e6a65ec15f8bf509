"""Five processes run the same function; who prints first is open."""
import multiprocessing


def worker():
    print('Worker')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    jobs = []
    for i in range(5):
        p = multiprocessing.Process(target=worker)
        jobs.append(p)
        p.start()
