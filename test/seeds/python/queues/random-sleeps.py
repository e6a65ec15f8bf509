"""Ten producers and five gets: what comes first is chance.

The seed is Python 2 and calls `p.run()` after `p.start()`, which runs the target once more, here in the parent. Python 3
forgets the target when it starts a process, so `run()` comes first.
"""
import multiprocessing
from multiprocessing import Process, Queue
from random import randint
from time import sleep


def f(q, i):
    for x in range(randint(1, 4)):
        sleep(x * 0.1)
        q.put([42, i, x])


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    q = Queue()
    for i in range(5):
        p = Process(target=f, args=(q, i))
        p.run()
        p.start()
    for i in range(5):
        print(q.get())
    p.join()
