"""Ten tasks of random length for three workers: a worker that is free takes the next one.

The seed starts its pool without a main guard; under spawn that is an error, so the guard is added.
"""
import multiprocessing
import os
import random
import time
from multiprocessing import Pool


def worker(msg):
    t_start = time.time()
    print('%s starts, process id is %d' % (msg, os.getpid()))
    time.sleep(random.random() * 0.2)
    t_stop = time.time()
    print(msg, 'is done, it took %0.2f' % (t_stop - t_start))


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    po = Pool(3)
    for i in range(0, 10):
        po.apply_async(worker, (i,))

    print('----start----')
    po.close()
    po.join()
    print('-----end-----')
