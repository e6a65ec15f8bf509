"""Tasks of a pool talk through a queue; in Python it has to be a manager's queue."""
import multiprocessing
import os
import time
from multiprocessing import Manager, Pool


def reader(q):
    print('reader starts (%s), its parent is (%s)' % (os.getpid(), os.getppid()))
    for i in range(q.qsize()):
        print('reader got from the queue: %s' % q.get(True))


def writer(q):
    print('writer starts (%s), its parent is (%s)' % (os.getpid(), os.getppid()))
    for i in 'itcast':
        q.put(i)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    print('(%s) start' % os.getpid())
    q = Manager().Queue()
    po = Pool()
    po.apply_async(writer, (q,))

    time.sleep(2)  # the writer first, then the reader

    po.apply_async(reader, (q,))
    po.close()
    po.join()
    print('(%s) End' % os.getpid())
