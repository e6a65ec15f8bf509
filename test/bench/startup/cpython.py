"""CPython's side of bench:startup, in ms. A request is a line on stdin, its answer a number on stdout."""
import multiprocessing
from multiprocessing.forkserver import ensure_running
import sys
import time


def answer(queue):
    queue.put(1)


def wait(event):
    event.wait()


def cold(context):
    queue = context.SimpleQueue()
    start = time.perf_counter()
    process = context.Process(target=answer, args=(queue,))
    process.start()
    queue.get()
    took = (time.perf_counter() - start) * 1000
    process.join()
    return took


def main():
    context = multiprocessing.get_context("spawn")
    forkserver = multiprocessing.get_context("forkserver")
    event = context.Event()
    crowd = []
    print("ready", flush=True)
    for line in sys.stdin:
        what, n = line.split()
        figure = 0
        if what == "crowd":
            crowd = [context.Process(target=wait, args=(event,), daemon=True) for _ in range(int(n))]
            for one in crowd:
                one.start()
        elif what == "leave":
            for one in crowd:
                one.kill()
                one.join()
        elif what == "warm":
            ensure_running()  # the server is there before the clock runs, as our spare is
            figure = sum(cold(forkserver) for _ in range(int(n))) / int(n)
        else:
            figure = sum(cold(context) for _ in range(int(n))) / int(n)
        print(figure, flush=True)


if __name__ == "__main__":
    main()
