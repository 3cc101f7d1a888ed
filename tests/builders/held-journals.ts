import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../local/engine/engine.ts';
import { aWorld } from './a-world.ts';
import { account } from './an-engine.ts';
import { portraitOf } from './engine-portrait.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { openOn, workUntilDone } from './fault-journey.ts';
import { tenMachines } from './ten-machines.ts';
import { type TornDisk, tornDisk } from './torn-disk.ts';

/** How a journal lies in its folder, with the size of its segments: in these alone, or in a snapshot and what came after it. */
export const layouts = { segments: 10 ** 6, snapshot: 4000 } as const;
export type Layout = keyof typeof layouts;

/** What an engine on a held journal must show at once, and when its executions have ended. */
export type Expected = {
  readonly heldAtMs: number;
  readonly queues: ReturnType<Engine['stats']>['queues'];
  readonly statuses: Readonly<Record<string, string>>;
  readonly ended: Awaited<ReturnType<typeof portraitOf>>;
};

/** The machines of held journals: small, and evaluated where nothing depends on another process. */
const shapes = tenMachines('inside', 400);
const startMs = Date.UTC(2026, 0, 1);
const heldAfterMs = 75_000;

/** The status of each execution that a portrait names. */
export const statusesIn = (portrait: Expected['ended']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(portrait).flatMap(([name, found]) => {
      const status = /"status":"([A-Z_]+)"/.exec(JSON.stringify(found))?.[1];
      return status === undefined || name.endsWith('children') ? [] : [[name, status]];
    }),
  );

/** Messages of every kind of place in a queue: ready, in flight, delayed, in a group behind another. */
const leaveMessages = async ({ call }: Engine): Promise<void> => {
  const at = (name: string, more: object) => ({ QueueUrl: `http://127.0.0.1/${account}/${name}`, ...more });
  await call('sqs', 'CreateQueue', { QueueName: 'left' });
  await call('sqs', 'CreateQueue', { QueueName: 'left.fifo', Attributes: { FifoQueue: 'true' } });
  for (const DelaySeconds of [0, 0, 600])
    await call('sqs', 'SendMessage', at('left', { MessageBody: 'x', DelaySeconds }));
  await call('sqs', 'ReceiveMessage', at('left', { VisibilityTimeout: 3600 }));
  for (const MessageDeduplicationId of ['a', 'b']) {
    await call(
      'sqs',
      'SendMessage',
      at('left.fifo', { MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId }),
    );
  }
};

/** Runs all machines to their middle, keeps the journal as it lies there, and runs them to their end. */
export const holdJournal = async (layout: Layout): Promise<{ files: Map<string, Buffer>; expected: Expected }> => {
  const clock = fakeClock(startMs);
  const disk = tornDisk();
  const world = aWorld(shapes);
  const engine = await openOn(disk, clock, world, { segmentBytes: layouts[layout] });
  await workUntilDone(engine, clock, world, () => clock.nowMs() >= startMs + heldAfterMs);
  await leaveMessages(engine);
  const names = (await disk.list('/data')).filter((name) => /^(journal|snapshot)-[\d.log]+$/.test(name));
  const files = new Map<string, Buffer>();
  for (const name of names) files.set(name, await disk.readFile(`/data/${name}`));
  const [heldAtMs, { queues }] = [clock.nowMs(), engine.stats()];
  const statuses = statusesIn(await portraitOf(engine.call));
  await workUntilDone(engine, clock, world, () => false);
  const ended = await portraitOf(engine.call);
  await engine.close();
  return { files, expected: { heldAtMs, queues, statuses, ended } };
};

/** A disk that holds a folder's files, all on the medium. */
export const diskWith = async (files: ReadonlyMap<string, Buffer>): Promise<TornDisk> => {
  const disk = tornDisk();
  await disk.makeFolder('/data');
  for (const [name, bytes] of files) {
    const file = await disk.open(`/data/${name}`, 'w');
    await file.write(bytes, 0);
    await file.sync();
  }
  await disk.syncFolder('/data');
  return disk;
};

/** The files of a folder. */
export const filesIn = async (folder: string): Promise<Map<string, Buffer>> => {
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
};

/** An engine on a held journal with clients that bring its executions to their end. */
export const replayed = async (files: ReadonlyMap<string, Buffer>, heldAtMs: number) => {
  const clock: FakeClock = fakeClock(heldAtMs);
  const world = aWorld(shapes, { hasTraffic: false });
  const engine = await openOn(await diskWith(files), clock, world);
  return { engine, world, finish: () => workUntilDone(engine, clock, world, () => false) };
};
