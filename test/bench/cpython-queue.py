# The CPython side of queue.mjs: one producer process, one consumer (this one). Prints one JSON line.
import json
import multiprocessing as mp
import sys
import time

SMALL, LARGE, SIZE, TRIPS = (int(text) for text in sys.argv[1:5])


def produce(queue, back):
    back.get()
    for i in range(SMALL):
        queue.put({"id": i, "x": i * 0.5, "y": -i})
    back.get()
    payload = b"\7" * SIZE
    for _ in range(LARGE):
        queue.put(payload)
    back.get()
    for _ in range(TRIPS):
        queue.put(back.get())


if __name__ == "__main__":
    mp.set_start_method("spawn")
    queue, back = mp.Queue(), mp.Queue()
    producer = mp.Process(target=produce, args=(queue, back))
    producer.start()
    now = time.perf_counter
    back.put(1)
    queue.get()
    start = now()
    for _ in range(SMALL - 1):
        queue.get()
    small = (SMALL - 1) / (now() - start)
    back.put(1)
    queue.get()
    start = now()
    for _ in range(LARGE - 1):
        queue.get()
    large = (LARGE - 1) * SIZE / 1e6 / (now() - start)
    back.put(1)
    trips = []
    for i in range(TRIPS):
        start = now()
        back.put(i)
        queue.get()
        trips.append((now() - start) * 1e6)
    producer.join()
    print(json.dumps({"small": small, "large": large, "trip": sorted(trips)[TRIPS // 2]}))
