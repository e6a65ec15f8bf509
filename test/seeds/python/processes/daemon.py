"""The main process leaves after its non-daemonic child; the daemon is ended before it can say goodbye."""
import multiprocessing
import time


def daemon():
    p = multiprocessing.current_process()
    print('Starting:', p.name, p.pid)
    time.sleep(4)
    print('Exiting :', p.name, p.pid)


def non_daemon():
    p = multiprocessing.current_process()
    print('Starting:', p.name, p.pid)
    print('Exiting :', p.name, p.pid)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    d = multiprocessing.Process(name='daemon', target=daemon)
    d.daemon = True
    n = multiprocessing.Process(name='non-daemon', target=non_daemon)
    n.daemon = False

    d.start()
    time.sleep(1)
    n.start()
