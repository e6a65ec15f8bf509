"""Ten tasks, five workers, all children of the main process. Written for Python 3 (the seed is Python 2)."""
import multiprocessing
import os
import time
from multiprocessing import Pool


def fun(id):
    print('Run task id: %s pid: %s ppid: %s' % (id, os.getpid(), os.getppid()))
    time.sleep(0.3)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    print('Main Process pid %s' % os.getpid())
    pool = Pool(processes=5)
    for i in range(10):
        pool.apply_async(fun, args=(i,))
    print('wait...')
    pool.close()
    pool.join()
    print('Done')
