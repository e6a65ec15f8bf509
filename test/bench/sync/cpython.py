"""CPython's side of bench:sync, in ns. A request is a line on stdin, its answer a number on stdout."""
import multiprocessing
import sys
import time

now = time.perf_counter_ns


def part_fight(o, n):
    lock = o["lock"]
    o["start"].wait()
    began = now()
    for _ in range(n):
        lock.acquire()
        lock.release()
    return began, now()


def part_hand_over(o, n):
    ping, pong = o["ping"], o["pong"]
    for _ in range(n):
        ping.acquire()
        pong.release()


def part_event(o, n):
    there, back = o["there"], o["back"]
    for _ in range(n):
        there.wait()
        there.clear()
        back.set()


def part_condition(o, n):
    condition = o["condition"]
    condition.acquire()
    o["ready"].release()
    for _ in range(n):
        condition.wait()
        condition.notify()
    condition.release()


def part_barrier(o, n):
    barrier = o["barrier"]
    for _ in range(n):
        barrier.wait()


PARTS = {
    "fight": part_fight,
    "handOver": part_hand_over,
    "event": part_event,
    "condition": part_condition,
    "barrier": part_barrier,
}


def partner(objects, orders, answers):
    while True:
        order = orders.get()
        if order is None:
            return
        what, n = order
        answers.put(PARTS[what](objects, n))


def waiter(lock, ready, go, answers):
    while True:
        go.acquire()
        ready.release()
        lock.acquire()
        got = now()
        lock.release()
        answers.put(got)


def alone(primitive, n):
    began = now()
    for _ in range(n):
        primitive.acquire()
        primitive.release()
    return (now() - began) / n


def fight(o, n, answer):
    lock = o["lock"]
    o["start"].wait()
    began = now()
    for _ in range(n):
        lock.acquire()
        lock.release()
    ended = now()
    theirs = answer()
    return (max(ended, theirs[1]) - min(began, theirs[0])) / (2 * n)


def hand_over(o, n, answer):
    ping, pong = o["ping"], o["pong"]
    began = now()
    for _ in range(n):
        ping.release()
        pong.acquire()
    took = now() - began
    answer()
    return took / (2 * n)


def event(o, n, answer):
    there, back = o["there"], o["back"]
    began = now()
    for _ in range(n):
        there.set()
        back.wait()
        back.clear()
    took = now() - began
    answer()
    return took / n


def condition(o, n, answer):
    cond = o["condition"]
    o["ready"].acquire()
    cond.acquire()
    began = now()
    for _ in range(n):
        cond.notify()
        cond.wait()
    took = now() - began
    cond.release()
    answer()
    return took / n


def barrier(o, n, answer):
    both = o["barrier"]
    began = now()
    for _ in range(n):
        both.wait()
    took = now() - began
    answer()
    return took / n


OURS = {"fight": fight, "handOver": hand_over, "event": event, "condition": condition, "barrier": barrier}


class Waiters:
    """Processes asleep before one lock: µs by hand-over, from its release until the last of them has had it."""

    def __init__(self, context, count):
        self.lock, self.ready, self.go = context.Lock(), context.Semaphore(0), context.Semaphore(0)
        self.answers = context.Queue()
        arguments = (self.lock, self.ready, self.go, self.answers)
        self.crowd = [context.Process(target=waiter, args=arguments, daemon=True) for _ in range(count)]
        for one in self.crowd:
            one.start()

    def run(self):
        self.lock.acquire()
        for _ in self.crowd:
            self.go.release()
        for _ in self.crowd:
            self.ready.acquire()
        time.sleep((5 + len(self.crowd)) / 1000)
        began = now()
        self.lock.release()
        return (max(self.answers.get() for _ in self.crowd) - began) / len(self.crowd) / 1000

    def close(self):
        for one in self.crowd:
            one.kill()
            one.join()


def main():
    context = multiprocessing.get_context("spawn")
    single = {"lock": context.Lock(), "rlock": context.RLock(), "semaphore": context.Semaphore(1)}
    shared = {
        **{"lock": context.Lock(), "ping": context.Lock(), "pong": context.Lock()},
        **{"there": context.Event(), "back": context.Event(), "start": context.Barrier(2)},
        **{"condition": context.Condition(), "ready": context.Semaphore(0), "barrier": context.Barrier(2)},
    }
    shared["ping"].acquire()
    shared["pong"].acquire()
    orders, answers = context.Queue(), context.Queue()
    other = context.Process(target=partner, args=(shared, orders, answers), daemon=True)
    other.start()
    waiters = None
    print("ready", flush=True)
    for line in sys.stdin:
        what, n = line.split()
        n = int(n)
        figure = 0
        if what == "waiters":
            waiters = Waiters(context, n)
        elif what == "drain":
            figure = waiters.run()
        elif what == "leave":
            waiters.close()
        elif what in single:
            figure = alone(single[what], n)
        else:
            orders.put((what, n))
            figure = OURS[what](shared, n, answers.get)
        print(figure, flush=True)
    orders.put(None)
    other.join()


if __name__ == "__main__":
    main()
