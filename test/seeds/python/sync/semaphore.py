"""Five processes, two permits.

The seed joins nobody. Under spawn Python then removes the semaphore while the children still start, and they fail; hence
the joins at the end.
"""
import multiprocessing
import time


def worker(s, i):
    s.acquire()
    print(multiprocessing.current_process().name + ' acquire')
    time.sleep(i)
    print(multiprocessing.current_process().name + ' release')
    s.release()


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    s = multiprocessing.Semaphore(2)
    jobs = [multiprocessing.Process(target=worker, args=(s, i * 0.2)) for i in range(5)]
    for p in jobs:
        p.start()
    for p in jobs:
        p.join()
