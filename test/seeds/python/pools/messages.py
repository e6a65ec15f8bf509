"""Five tasks for three workers: submitting never waits, join does."""
import multiprocessing
import time


def func(msg):
    print('msg:', msg)
    time.sleep(0.3)
    print('end')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    pool = multiprocessing.Pool(processes=3)
    for i in range(5):
        pool.apply_async(func, ('hello %d' % i,))

    print('Mark~ Mark~ Mark~~~~~~~~~~~~~~~~~~~~~~')
    pool.close()
    pool.join()
    print('Sub-process(es) done.')
