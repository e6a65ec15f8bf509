"""CPython's side of depth.mjs, in µs a message. A request is a line on stdin, its answer a number on stdout."""
import multiprocessing
import sys
import time


def message(i):
    return {"id": i, "x": i * 0.5, "y": -i}


def pairs(queue, n):
    start = time.perf_counter()
    for i in range(n):
        queue.put(message(i))
        queue.get()
    return (time.perf_counter() - start) * 1e6 / n


def main():
    queue = multiprocessing.get_context("spawn").Queue()
    print("ready", flush=True)
    for line in sys.stdin:
        what, n = line.split()
        figure = 0
        if what == "fill":
            for i in range(int(n)):
                queue.put(message(i))
        elif what == "drain":
            for _ in range(int(n)):
                queue.get()
        else:
            figure = pairs(queue, int(n))
        print(figure, flush=True)


if __name__ == "__main__":
    main()
