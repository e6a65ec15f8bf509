// What the two processes of bench:sync do, order by order; blocking calls, except where a name says otherwise. Both are
// children, so that the bench itself is never blocked and can be stopped. Mirrors cpython.py.

const now = () => Number(process.hrtime.bigint());

/** ns that `loop` takes. */
const timed = loop => {
  const began = now();
  loop();
  return now() - began;
};

const alone = (primitive, n) =>
  timed(() => {
    for (let i = 0; i < n; i++) {
      primitive.acquireSync();
      primitive.release();
    }
  }) / n;

/** As fast as it can, from when the other one is ready too: when it began and ended, in ns of the one clock. */
function fight({ lock, start }, n) {
  start.waitSync();
  const began = now();
  for (let i = 0; i < n; i++) {
    lock.acquireSync();
    lock.release();
  }
  return [began, now()];
}

/** Each measures; ns an operation, or for `fight` two times. */
const measuring = {
  lock: ({ lock }, n) => alone(lock, n),
  rlock: ({ rlock }, n) => alone(rlock, n),
  semaphore: ({ semaphore }, n) => alone(semaphore, n),

  async lockAwaited({ lock }, n) {
    const began = now();
    for (let i = 0; i < n; i++) {
      await lock.acquire();
      lock.release();
    }
    return (now() - began) / n;
  },

  fight,

  handOver({ ping, pong }, n) {
    const time = timed(() => {
      for (let i = 0; i < n; i++) {
        ping.release();
        pong.acquireSync();
      }
    });
    return time / (2 * n);
  },

  async handOverAwaited({ ping, pong }, n) {
    const began = now();
    for (let i = 0; i < n; i++) {
      ping.release();
      await pong.acquire();
    }
    return (now() - began) / (2 * n);
  },

  event({ there, back }, n) {
    const time = timed(() => {
      for (let i = 0; i < n; i++) {
        there.set();
        back.waitSync();
        back.clear();
      }
    });
    return time / n;
  },

  condition({ condition, ready }, n) {
    ready.acquireSync();
    condition.acquireSync();
    const time = timed(() => {
      for (let i = 0; i < n; i++) {
        condition.notify();
        condition.waitSync();
      }
    });
    condition.release();
    return time / n;
  },

  barrier({ barrier }, n) {
    const time = timed(() => {
      for (let i = 0; i < n; i++) barrier.waitSync();
    });
    return time / n;
  },
};

/** The other half of those that take two. */
const answering = {
  fight,

  handOver({ ping, pong }, n) {
    for (let i = 0; i < n; i++) {
      ping.acquireSync();
      pong.release();
    }
  },

  async handOverAwaited({ ping, pong }, n) {
    for (let i = 0; i < n; i++) {
      await ping.acquire();
      pong.release();
    }
  },

  event({ there, back }, n) {
    for (let i = 0; i < n; i++) {
      there.waitSync();
      there.clear();
      back.set();
    }
  },

  condition({ condition, ready }, n) {
    condition.acquireSync();
    ready.release();
    for (let i = 0; i < n; i++) {
      condition.waitSync();
      condition.notify();
    }
    condition.release();
  },

  barrier({ barrier }, n) {
    for (let i = 0; i < n; i++) barrier.waitSync();
  },
};

const roles = { measuring, answering };
export const takesTwo = what => what in answering;

/** A process's whole life: an order, its answer, the next order, until `null`. */
export async function obey(role, objects, orders, answers) {
  for (;;) {
    const order = orders.getSync();
    if (order === null) return;
    answers.putSync((await roles[role][order.what](objects, order.n)) ?? null);
  }
}

/** One of many that wait for one lock: answers when it got it. */
export function waiter({ lock, ready, go }, answers) {
  for (;;) {
    go.acquireSync();
    ready.release();
    lock.acquireSync();
    const got = now();
    lock.release();
    answers.putSync(got);
  }
}
