import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import { createLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import type { EventLog } from '#ports/event-log';
import type { Store } from '#ports/store';
import { createMemoryStore } from '../../../../functions/adapters/store/memory.ts';
import type { Engine } from '../../../../local/engine/engine.ts';
import { ExecutionLogWriter } from '../../../../local/plane/execution-log.ts';
import type { ExecutionNote } from '../../../../local/stepfunctions/execution-notes.ts';
import { aFolder, anEngine } from '../../../builders/an-engine.ts';

const config = readConfig({ PAPILIO_INSTANCE: 'test' });
const quiet = createLog('silent', {}, { write: () => undefined });
const role = 'arn:aws:iam::111111111111:role/r';
const definitions = {
  done: { StartAt: 'A', States: { A: { Type: 'Succeed' } } },
  broken: { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' } } },
  waits: { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1000, End: true } } },
};

const writerOf = (store: Store, events: EventLog) =>
  new ExecutionLogWriter({ plane: 'work', config, store, events, clock: systemClock, log: quiet });

const arnOf = (rest: string) => `arn:aws:states:us-east-1:111111111111:${rest}`;
const start = (engine: Engine, machine: keyof typeof definitions, name: string) =>
  engine.call('sfn', 'StartExecution', { stateMachineArn: arnOf(`stateMachine:${machine}`), name });
const createMachines = async (engine: Engine): Promise<void> => {
  for (const [name, definition] of Object.entries(definitions))
    await engine.call('sfn', 'CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: role });
};

/** An engine whose notes go to a writer of its own store. */
const followed = async (folder: string, { store, log }: ReturnType<typeof createMemoryStore>) => {
  const writer = writerOf(store, log);
  const engine = await anEngine({ folder, onExecution: writer.note });
  await writer.begin(engine);
  return { engine, writer };
};

test('each execution has one event of its start and one of its end, with its status', async () => {
  const kept = createMemoryStore({ clock: systemClock });
  const { engine, writer } = await followed(await aFolder(), kept);
  await createMachines(engine);
  await start(engine, 'done', 'one');
  await start(engine, 'broken', 'two');
  await start(engine, 'waits', 'three');
  await writer.close();
  const events = (await kept.log.read(0)).map(({ type, subject, data }) => [type, subject, data.status, data.error]);
  expect(events).toEqual([
    ['execution.started', 'one', undefined, undefined],
    ['execution.ended', 'one', 'SUCCEEDED', undefined],
    ['execution.started', 'two', undefined, undefined],
    ['execution.ended', 'two', 'FAILED', 'Broken'],
    ['execution.started', 'three', undefined, undefined],
  ]);
  // By which all events of an execution are found.
  for (const { id, subject } of await kept.log.read(0)) expect(id.startsWith(`${subject}_`)).toBe(true);
});

test('what a killed process had not written is written by the next one, and nothing twice', async () => {
  const kept = createMemoryStore({ clock: systemClock });
  const folder = await aFolder();
  const first = await followed(folder, kept);
  await createMachines(first.engine);
  await start(first.engine, 'done', 'one');
  await first.writer.close();
  // From here on the first writer is closed: as if it had been killed before it wrote.
  await start(first.engine, 'done', 'two');
  await start(first.engine, 'waits', 'three');
  await first.engine.close();
  const second = await followed(folder, kept);
  await start(second.engine, 'done', 'four');
  await second.writer.close();
  const events = (await kept.log.read(0)).map(({ type, subject }) => `${type.slice(10)} ${subject}`);
  expect(events).toEqual([
    ...['started one', 'ended one', 'started two', 'ended two', 'started three', 'started four', 'ended four'],
  ]);
});

test('a store that is away loses no event, however many wait', async () => {
  const kept = createMemoryStore({ clock: systemClock });
  const notes: ExecutionNote[] = Array.from({ length: 21_000 }, (_, at) => ({
    kind: 'started',
    ...{ arn: `arn:${at}`, name: `e${at}`, machine: 'm', startedAtMs: at, atMs: at, position: at + 1, redriveCount: 0 },
  }));
  let failuresLeft = 2;
  const flaky: Store = {
    ...kept.store,
    transact: async (transaction) => {
      failuresLeft -= 1;
      if (failuresLeft >= 0) throw new Error('away');
      return kept.store.transact(transaction);
    },
  };
  const writer = writerOf(flaky, kept.log);
  await writer.begin({
    executionsAfter: (position) => notes.filter((note) => note.position > position),
    synced: () => Promise.resolve(),
  });
  for (const note of notes) writer.note(note);
  await expect.poll(() => kept.log.head(), { timeout: 20_000 }).toBe(notes.length);
  await writer.close();
});

test('a folder of an earlier build begins with what happens from now on', async () => {
  const kept = createMemoryStore({ clock: systemClock });
  const folder = await aFolder();
  const before = await anEngine({ folder });
  await createMachines(before);
  await start(before, 'done', 'old');
  await before.close();
  const other = writerOf(kept.store, { ...kept.log, head: async () => 7 });
  const engine = await anEngine({ folder, onExecution: other.note });
  await other.begin(engine);
  await start(engine, 'done', 'new');
  await other.close();
  expect((await kept.log.read(0)).map(({ subject }) => subject)).toEqual(['new', 'new']);
});
