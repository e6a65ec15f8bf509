"""An instance of a class goes through a queue and is an instance on the other side."""
import multiprocessing


class MyFancyClass:
    def __init__(self, name):
        self.name = name

    def do_something(self):
        proc_name = multiprocessing.current_process().name
        print('Doing something fancy in {} for {}!'.format(proc_name, self.name))


def worker(q):
    obj = q.get()
    obj.do_something()


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    queue = multiprocessing.Queue()

    p = multiprocessing.Process(target=worker, args=(queue,))
    p.start()

    queue.put(MyFancyClass('Fancy Dan'))

    # All that was put has left this process before the worker is waited for.
    queue.close()
    queue.join_thread()
    p.join()
