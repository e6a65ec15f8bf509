"""The target lives in a module of its own, which every child can import without harm."""
import multiprocessing

from importable_worker import worker

if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    jobs = []
    for i in range(5):
        p = multiprocessing.Process(target=worker)
        jobs.append(p)
        p.start()
