"""A join that gives up after a while leaves the daemon alive."""
import multiprocessing
import time


def daemon():
    name = multiprocessing.current_process().name
    print('Starting:', name)
    time.sleep(4)
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
    n.start()

    d.join(1)
    print('d.is_alive()', d.is_alive())
    n.join()
