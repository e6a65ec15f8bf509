"""Measures multiprocessing.Pool in milliseconds; one request a line on stdin, one answer a line on stdout."""
import multiprocessing
import statistics
import sys
import time


def same(x):
    return x


def burst(pool, n):
    answers = [pool.apply_async(same, (i,)) for i in range(n)]
    for answer in answers:
        answer.get()


def one_by_one(pool, xs):
    """The median, in milliseconds."""
    times = []
    for x in xs:
        start = time.perf_counter()
        pool.apply(same, (x,))
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main():
    workers = int(sys.argv[1])
    with multiprocessing.get_context('spawn').Pool(workers) as pool:
        pool.map(same, range(100))
        print('ready', flush=True)
        for line in sys.stdin:
            what, n = line.split()
            n = int(n)
            xs = list(range(n))
            start = time.perf_counter()
            if what == 'burst':
                burst(pool, n)
            elif what == 'one':
                print(one_by_one(pool, xs), flush=True)
                continue
            else:
                assert len(pool.map(same, xs)) == n
            print((time.perf_counter() - start) * 1000, flush=True)


if __name__ == '__main__':
    main()
