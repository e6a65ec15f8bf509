"""An executor: futures, a map over two inputs, a future that is cancelled, and a worker that ends. From no seed: Python's own page has its like."""
import concurrent.futures
import multiprocessing
import os
import time


def is_prime(n):
    if n < 2:
        return False
    return all(n % i for i in range(2, int(n ** 0.5) + 1))


def power(x, n):
    return x ** n


def leave(code):
    os._exit(code)


if __name__ == '__main__':
    spawn = multiprocessing.get_context('spawn')
    with concurrent.futures.ProcessPoolExecutor(max_workers=2, mp_context=spawn) as executor:
        numbers = [112272535095293, 115280095190773, 1099726899285419]
        for n, prime in zip(numbers, executor.map(is_prime, numbers)):
            print(n, 'is prime' if prime else 'is not prime')
        print(*executor.map(power, [2, 3, 5], [10, 4, 3]))
        futures = [executor.submit(is_prime, n) for n in range(20)]
        print('primes below 20:', sum(f.result() for f in concurrent.futures.as_completed(futures)))

    with concurrent.futures.ProcessPoolExecutor(max_workers=1, mp_context=spawn) as executor:
        busy = [executor.submit(time.sleep, 0.3) for _ in range(3)]
        late = executor.submit(is_prime, 7)
        print('cancelled:', late.cancel(), late.cancelled())
        done, not_done = concurrent.futures.wait(busy)
        print('done:', len(done), 'not done:', len(not_done))
        print('the worker leaves:', type(executor.submit(leave, 3).exception()).__name__)
        try:
            executor.submit(is_prime, 7)
        except concurrent.futures.BrokenExecutor as error:
            print('and nobody follows:', type(error).__name__)
