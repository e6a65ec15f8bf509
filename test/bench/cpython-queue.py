# The CPython side of queue.mjs: one producer process, one consumer (this one). Prints one JSON line.
import json
import multiprocessing as mp
import sys
import time

SMALL, WARM_SMALL, TRIPS, *LARGE = (int(text) for text in sys.argv[1:])
SIZES = list(zip(LARGE[::3], LARGE[1::3], LARGE[2::3]))
WARM_TRIPS = 100


def produce(queue, back):
    while True:
        what, size, count = back.get()
        if what == "end":
            return
        if what == "small":
            for i in range(count):
                queue.put({"id": i, "x": i * 0.5, "y": -i})
        elif what == "trips":
            for _ in range(count):
                queue.put(back.get())
        else:
            payload = b"\7" * size
            for _ in range(count):
                queue.put(payload)


def timed(queue, back, what, size, warm, count):
    back.put((what, size, warm + count))
    for _ in range(warm):
        queue.get()
    start = time.perf_counter()
    for _ in range(count):
        sum(queue.get()[::4096]) if size else queue.get()
    return time.perf_counter() - start


if __name__ == "__main__":
    mp.set_start_method("spawn")
    queue, back = mp.Queue(), mp.Queue()
    producer = mp.Process(target=produce, args=(queue, back))
    producer.start()
    small = SMALL / timed(queue, back, "small", 0, WARM_SMALL, SMALL)
    large = [size * count / 1e6 / timed(queue, back, "large", size, warm, count) for size, warm, count in SIZES]
    back.put(("trips", 0, WARM_TRIPS + TRIPS))
    trips = []
    for i in range(WARM_TRIPS + TRIPS):
        start = time.perf_counter()
        back.put(i)
        queue.get()
        trips.append((time.perf_counter() - start) * 1e6)
    back.put(("end", 0, 0))
    producer.join()
    print(json.dumps({"small": small, "large": large, "trip": sorted(trips[WARM_TRIPS:])[TRIPS // 2]}))
