"""A child puts, the parent gets; the text is not ASCII on purpose."""
import multiprocessing
from multiprocessing import Process, Queue


def put(queue):
    queue.put('Queue 用法')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    queue = Queue()
    pro = Process(target=put, args=(queue,))
    pro.start()
    print(queue.get())
    pro.join()
