"""One process, one argument, one join."""
import multiprocessing
from multiprocessing import Process


def show(name):
    print('Process name is ' + name)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    proc = Process(target=show, args=('subprocess',))
    proc.start()
    proc.join()
