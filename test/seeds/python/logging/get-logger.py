"""The same log, its level set on the logger."""
import logging
import multiprocessing


def worker():
    print('Doing some work')


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    multiprocessing.log_to_stderr()
    logger = multiprocessing.get_logger()
    logger.setLevel(logging.INFO)
    p = multiprocessing.Process(target=worker)
    p.start()
    p.join()
