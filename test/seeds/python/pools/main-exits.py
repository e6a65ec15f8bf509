"""A pool ends with the main process: what was not waited for is lost."""
import multiprocessing
import time


def task():
    time.sleep(5)
    print('never printed')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    pool = multiprocessing.Pool(2)
    pool.apply_async(task)
    print('main leaves')
