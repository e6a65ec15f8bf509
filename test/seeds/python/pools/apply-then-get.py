"""apply() gives the result itself: there is nothing to get() from."""
import multiprocessing as mp
import os
from time import sleep


def worker(msg):
    print(os.getpid())
    sleep(0.1)
    print(msg)
    return msg


if __name__ == '__main__':
    mp.set_start_method('spawn')
    p = mp.Pool(processes=4)
    pool_result = []
    for i in range(10):
        msg = 'hello-%d' % i
        r = p.apply(worker, (msg,))
        pool_result.append(r)

    for r in pool_result:
        print('return:', r.get())

    p.close()
    p.join()
