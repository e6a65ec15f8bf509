"""A daemon that is joined runs to its end."""
import multiprocessing
import time


def daemon():
    name = multiprocessing.current_process().name
    print('Starting:', name)
    time.sleep(0.2)
    print('Exiting :', name)


def non_daemon():
    name = multiprocessing.current_process().name
    print('Starting:', name)
    print('Exiting :', name)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    d = multiprocessing.Process(name='daemon', target=daemon)
    d.daemon = True
    n = multiprocessing.Process(name='non-daemon', target=non_daemon)
    n.daemon = False

    d.start()
    time.sleep(0.1)
    n.start()

    d.join()
    n.join()
