import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { startChild } from '../children.js';
import { internals } from '../internals.js';
import { asText, sharedOf, type Handle } from './fixtures/counted.js';

const { memory, Lock, Condition, Event, channel, pickle } = internals;
const fixture = new URL('./fixtures/counted.js', import.meta.url);
const timeout = 60_000;
const gone = { name: 'ValueError', message: /^the \w+ no longer exists/ };

const isThere = (handle: Handle): boolean => {
  try {
    sharedOf(Lock.fromHandle(...handle)).letGo();
    return true;
  } catch (error) {
    assert.match(String(error), /no longer exists/);
    return false;
  }
};

function setState(owner: number, state: 'free' | 'running' | 'exited'): void {
  const { Slot, SlotState } = memory.layout;
  const at = memory.slotWord((owner >>> 16) & 0x3ff) + Slot.state_W;
  Atomics.store(memory.program().table.i32, at, SlotState[state]);
}

test('an object goes when the last process lets go of it, not before', { timeout }, async () => {
  const lock = new Lock();
  const child = startChild(fixture, 'holdLock', ...lock.handle);
  assert.equal(await child.hear(), 'held');
  assert.equal(memory.countOf(sharedOf(lock)), 2);
  sharedOf(lock).letGo();
  assert.ok(memory.existsStill(sharedOf(lock)));
  child.tell('let go');
  assert.equal(await child.hear(), 'let go');
  assert.equal(memory.existsStill(sharedOf(lock)), false);
  assert.throws(() => Lock.fromHandle(...lock.handle), gone);
  await child.kill();
});

test('the handle of an object that has gone never names another one in its place', () => {
  const first = new Lock();
  const { handle } = first;
  sharedOf(first).letGo();
  const others = Array.from({ length: 50 }, () => new Lock());
  assert.ok(others.some(({ handle: [segment, offset] }) => segment === handle[0] && offset === handle[1]));
  assert.throws(() => Lock.fromHandle(...handle), gone);
  assert.throws(() => Event.fromHandle(...handle), gone);
});

test('wrappers of one process share a reference; what is collected is given back', { timeout }, async () => {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  const handles = Array.from({ length: 100 }, () => new Lock().handle);
  const kept = Lock.fromHandle(...(handles[0] ?? [0, 0, 0]));
  const again = Lock.fromHandle(...kept.handle);
  assert.equal(sharedOf(again), sharedOf(kept));
  const deadline = performance.now() + 20_000;
  for (let there = handles.length; there > 1; there = handles.filter(isThere).length) {
    assert.ok(performance.now() < deadline, `${there} are still there`);
    await new Promise(resolve => setImmediate(resolve));
    collect();
  }
  assert.ok(memory.existsStill(sharedOf(kept)));
});

test('a lock in a message lives on when its sender has let go, and when he has died', { timeout }, async () => {
  const queue = new channel.Queue<[InstanceType<typeof Lock>]>();
  const lock = new Lock();
  queue.putSync([lock]);
  sharedOf(lock).letGo();
  assert.equal(memory.countOf(sharedOf(lock)), 1);
  const [received] = queue.getSync();
  assert.equal(memory.countOf(sharedOf(received)), 1);
  received.acquireSync();
  sharedOf(received).letGo();
  assert.equal(isThere(received.handle), false);

  const child = startChild(fixture, 'sendLock', asText(queue));
  const handle = (await child.hear()) as Handle;
  await child.kill();
  memory.sweepTheDead();
  const [bequeathed] = queue.getSync();
  assert.deepEqual(bequeathed.handle, handle);
  assert.equal(memory.countOf(sharedOf(bequeathed)), 1);
});

test('a message that cannot be sent gives its references back', async () => {
  const queue = new channel.Queue(1);
  const lock = new Lock();
  queue.putSync(1);
  assert.throws(() => queue.putNowait([lock]), { name: 'Full' });
  assert.throws(() => queue.putSync([lock, () => undefined]), { name: 'PicklingError' });
  await assert.rejects(queue.put([lock], { timeout: 5 }), { name: 'Full' });
  assert.equal(memory.countOf(sharedOf(lock)), 1);
});

test('what a killed process held is let go, in one sweep or when its slot is used again', { timeout }, async () => {
  const child = startChild(fixture, 'makeLocks', 5000);
  const handles = (await child.hear()) as Handle[];
  assert.ok(handles.every(isThere));
  memory.sweepTheDead();
  assert.ok(handles.every(isThere), 'it lives');
  await child.kill();
  const slot = (child.owner >>> 16) & 0x3ff;
  setState(child.owner, 'free'); // so that it is the next to be taken
  const next = startChild(fixture, 'makeLocks', 100);
  const nexts = (await next.hear()) as Handle[];
  assert.equal((next.owner >>> 16) & 0x3ff, slot);
  assert.equal(handles.filter(isThere).length, 0);
  // Whoever sweeps late what the first one left finds the second one's journal.
  for (let i = 0; i < 3; i++) memory.sweepSlot(slot);
  next.tell('look');
  assert.deepEqual(await next.hear(), new Array(100).fill(true));
  assert.ok(nexts.every(isThere));
  await next.kill();
  memory.sweepTheDead();
  assert.equal(nexts.filter(isThere).length, 0);
});

test(
  'a sweep that meets a process before it has its lock does not take it for dead for good',
  { timeout },
  async () => {
    const first = startChild(fixture, 'makeLocks', 1);
    await first.hear();
    await first.kill();
    setState(first.owner, 'free'); // so that it is the next to be taken, with a journal in it
    const program = memory.program();
    const claimed = program.claimSlot();
    claimed.lock.drop();
    memory.sweepTheDead();
    const lock = internals.platform.platform().lockFile(`${program.dir}/slot-${claimed.slot}`);
    assert.ok(lock);
    program.claimSlot = () => ({ ...claimed, lock });
    const second = startChild(fixture, 'makeLocks', 10);
    Reflect.deleteProperty(program, 'claimSlot');
    assert.equal(second.owner >>> 16, first.owner >>> 16);
    const handles = (await second.hear()) as Handle[];
    await second.kill();
    memory.sweepTheDead();
    assert.equal(handles.filter(isThere).length, 0);
  },
);

test('a sweeper that dies leaves the rest to the next', { timeout }, async () => {
  const child = startChild(fixture, 'makeLocks', 100);
  const handles = (await child.hear()) as Handle[];
  await child.kill();
  // In a slot of its own: the claim of the dead one's would sweep it.
  setState(child.owner, 'running');
  const sweeper = startChild(fixture, 'sweepAndDie', 10);
  assert.equal((await sweeper.ended).signal, 'SIGKILL');
  setState(child.owner, 'exited');
  assert.equal(handles.filter(isThere).length, 91);
  memory.sweepTheDead();
  assert.equal(handles.filter(isThere).length, 1, 'what was in the hand of the one that died is leaked, and no more');
});

for (const [name, steps] of [
  ['openAndDie', ['opened', 'none']],
  ['letGoAndDie', ['struck', 'released', 'none']],
] as const) {
  for (const step of steps) {
    test(
      `${name} at '${step}' takes nothing from who lives, and leaks one reference at most`,
      { timeout },
      async () => {
        const lock = new Lock();
        const child = startChild(fixture, name, step, ...lock.handle);
        assert.equal((await child.ended).signal, 'SIGKILL');
        memory.sweepTheDead();
        const count = memory.countOf(sharedOf(lock));
        assert.ok(count === 1 || count === 2, `${count} references`);
        if (step === 'none' || step === 'released') assert.equal(count, 1);
      },
    );
  }
}

test('a condition holds its lock, and gives it and its waiters back', () => {
  const condition = new Condition(new Lock());
  const { i32 } = sharedOf(condition).segment;
  const at = sharedOf(condition).word + memory.HEADER_WORDS;
  const lock: Handle = [i32[at + 1] ?? 0, i32[at + 2] ?? 0, i32[at + 3] ?? 0];
  const found = Lock.fromHandle(...lock);
  assert.equal(memory.countOf(sharedOf(found)), 3, 'the one made here, the one found, the condition');
  sharedOf(condition).letGo();
  assert.equal(memory.countOf(sharedOf(found)), 2);
});

test('a closed queue goes at once, unless it is on its way or somebody else has it', { timeout }, async () => {
  const make = (): InstanceType<typeof channel.Queue> => new channel.Queue();
  const alone = make();
  alone.putSync(1);
  const bytes = pickle.encodeToBuffer(alone);
  alone.close();
  assert.equal(alone.qsize(), 1);
  assert.throws(() => pickle.decode(bytes), /the Queue no longer exists/);
  assert.throws(() => make().putSync(alone), /no longer exists/);

  const carrier = new channel.Queue<InstanceType<typeof channel.Queue>>();
  const carried = make();
  carried.putSync('inside');
  carrier.putSync(carried);
  carried.close();
  const arrived = carrier.getSync();
  assert.equal(arrived.getSync(), 'inside');

  const twice = make();
  const other = pickle.decode(pickle.encodeToBuffer(twice)) as InstanceType<typeof channel.Queue>;
  twice.close();
  other.putSync('still');
  assert.equal(await other.get(), 'still');
});

for (const closes of [true, false]) {
  const how = closes ? 'closed' : 'dropped';
  test(
    `a queue for every job, ${how} after it: files, descriptors, mappings and memory stay`,
    { timeout },
    async () => {
      const child = startChild(fixture, 'queuePerJob', Number(process.env['MANYCORE_QUEUE_JOBS'] ?? 1500), closes);
      type Measured = Record<'files' | 'descriptors' | 'maps' | 'size' | 'resident', number>;
      const halfway = (await child.hear()) as Measured;
      const end = (await child.hear()) as Measured;
      assert.ok(end.files <= halfway.files + 20, `${halfway.files} files, then ${end.files}`);
      assert.ok(end.descriptors <= halfway.descriptors + 2);
      assert.ok(end.maps < 1000 && end.files < 500);
      assert.ok(end.size < halfway.size + 150, `${halfway.size} MiB of addresses, then ${end.size}`);
      assert.ok(end.resident < halfway.resident + 80, `${halfway.resident} MiB, then ${end.resident}`);
      await child.ended;
    },
  );
}

test('a segment that grows keeps what is in it, whoever makes it longer', { timeout }, async () => {
  const segment = memory.GrowingSegment.create();
  const first = segment.partOf(20);
  if (first !== undefined) first[20] = 77;
  assert.equal(segment.partOf(5000), undefined);
  const children = [1, 2, 3].map(me => startChild(fixture, 'growTogether', segment.id, me));
  for (const child of children) assert.equal(await child.hear(), 'done');
  await Promise.all(children.map(child => child.ended));
  assert.equal(first?.[20], 77);
  for (const me of [1, 2, 3]) {
    for (let word = 16 + me; word < 200_000; word += 997) {
      assert.equal(segment.partOf(word)?.[segment.indexOf(word)], word === 20 ? 78 : 1);
    }
  }
});

test('idle memory is given up when the file system is full', () => {
  const segments = (): number => fs.readdirSync(memory.program().dir).filter(name => name.startsWith('seg-')).length;
  const block = memory.allocate(300_000);
  memory.free(block, 300_000);
  const before = segments();
  assert.equal(memory.giveUpReserves(), true);
  assert.ok(segments() < before);
  assert.equal(memory.giveUpReserves(), false);
});
