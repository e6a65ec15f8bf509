"""Two processes with names of their own, one with the default name."""
import multiprocessing
import time


def worker():
    name = multiprocessing.current_process().name
    print(name, 'Starting')
    time.sleep(0.2)
    print(name, 'Exiting')


def my_service():
    name = multiprocessing.current_process().name
    print(name, 'Starting')
    time.sleep(0.3)
    print(name, 'Exiting')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    service = multiprocessing.Process(name='my service', target=my_service)
    worker_1 = multiprocessing.Process(name='worker 1', target=worker)
    worker_2 = multiprocessing.Process(target=worker)

    worker_1.start()
    worker_2.start()
    service.start()
