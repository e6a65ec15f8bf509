"""Squares on a pool. The seed has no main guard, misspells `map` and passes it the wrong function: mended here."""
import multiprocessing


def f(x):
    return x ** 2


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    pool = multiprocessing.Pool()
    print(pool.map(f, [1, 2, 3, 4]))
    pool.close()
    pool.join()
