"""Pool(5) has five processes before it has a task; ten requests are queued for them. The seed states it, this prints it."""
import multiprocessing
import os


def test():
    return os.getpid()


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    p = multiprocessing.Pool(5)
    print('processes before the first task:', len(multiprocessing.active_children()))
    results = [p.apply_async(test) for i in range(10)]
    print('requests submitted:', len(results))
    p.close()
    p.join()
    pids = {r.get() for r in results}
    print('at most five did the work:', len(pids) <= 5)
    print('processes after join:', len(multiprocessing.active_children()))
