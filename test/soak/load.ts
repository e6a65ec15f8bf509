import assert from 'node:assert/strict';
import { Condition, Event, JoinableQueue, Lock, Pipe, Pool, Process, Queue } from 'manycore';
import { dieWith, refuse, serve, square, visit } from './fixtures/work.js';

/** How much of everything a round does. */
export interface Round {
  readonly tasks: number;
  readonly starts: number;
  readonly messages: number;
}

const LARGE = 300_000;

/** Everything a long-lived program does again and again, on objects of which some live on and most do not. */
export class Load {
  readonly #pool = new Pool({ processes: 2, maxTasksPerChild: 200 });
  readonly #queue = new Queue<unknown>();

  async round({ tasks, starts, messages }: Round): Promise<void> {
    await this.#tasks(tasks);
    await this.#processes(starts);
    await this.#messages(messages);
    await this.#shortLived();
  }

  async end(): Promise<void> {
    this.#pool.close();
    await this.#pool.join();
    this.#queue.close();
  }

  async #tasks(count: number): Promise<void> {
    const inputs = Array.from({ length: count }, (_, index) => index);
    const mapped = await this.#pool.map(square, inputs);
    assert.equal(mapped.at(-1), (count - 1) ** 2);
    let sum = 0;
    for await (const value of this.#pool.imapUnordered(square, inputs, { chunkSize: 50 })) sum += value;
    assert.equal(
      sum,
      inputs.map(square).reduce((a, b) => a + b),
    );
    const each = inputs.slice(0, 200).map(input => this.#pool.apply(square, [input]));
    await Promise.all(each);
    await assert.rejects(this.#pool.apply(refuse, [1]), RangeError);
  }

  async #processes(count: number): Promise<void> {
    const lock = new Lock();
    for (let i = 0; i < count; i++) {
      const [ours, theirs] = Pipe();
      const bytes = new Uint8Array(i % 4 === 0 ? LARGE : 100);
      const child = new Process({ target: visit, args: [lock, this.#queue, theirs, bytes] });
      child.start();
      theirs.close();
      assert.equal(await ours.recv(), bytes.length);
      await this.#queue.get();
      await child.join();
      assert.equal(child.exitCode, 0);
      child.close();
      ours.close();
    }
    const victim = new Process({ target: dieWith, args: [this.#queue] });
    victim.start();
    await this.#queue.put(new Uint8Array(LARGE));
    await victim.join();
    assert.equal(victim.exitCode, -9);
  }

  async #messages(count: number): Promise<void> {
    const tasks = new JoinableQueue<number>();
    const server = new Process({ target: serve, args: [tasks] });
    server.start();
    for (let i = 1; i <= count; i++) await tasks.put(i);
    await tasks.put(0);
    await tasks.join();
    await server.join();
    for (let i = 0; i < 20; i++) {
      await this.#queue.put(new Uint8Array(LARGE * (i % 5)));
      await this.#queue.get();
    }
  }

  /** Objects that are dropped, some with something in them, and a pool that is. */
  async #shortLived(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const queue = new Queue<unknown>();
      await queue.put({ i, event: new Event(), condition: new Condition() });
      if (i % 2 === 0) await queue.get();
      queue.close();
    }
    await using pool = new Pool(1);
    assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9]);
  }
}
