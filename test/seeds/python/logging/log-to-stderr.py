"""The library's own log, with every detail, on standard error."""
import logging
import multiprocessing


def worker():
    print('Doing some work')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    multiprocessing.log_to_stderr(logging.DEBUG)
    p = multiprocessing.Process(target=worker)
    p.start()
    p.join()
