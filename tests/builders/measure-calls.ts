import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListExecutionsCommand, paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';
import type { Frame } from '../../clients/bridge/envelope.ts';
import { machineArn } from '../../functions/adapters/machines/sfn.ts';
import { catalog, machines, type Plane } from '../../functions/catalog.ts';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { withFile } from '../../local/sim/daq/replay-files.ts';
import type { Counts } from './a-call-tally.ts';
import { aFolder } from './a-folder.ts';
import { aHouseInMemory, type HouseInMemory } from './a-house-in-memory.ts';
import type { CallBudget, Measured } from './call-budget.ts';
import { streamEnvironment } from './memory-house-stream.ts';

const run = 3001;
const startedAt = new Date('2026-11-24T06:00:00Z');
const stfs = 12;
const minuteMs = 60_000;

/** Functions that run by the clock, however much there is to do. */
const scheduled: ReadonlySet<string> = new Set(
  Object.entries(catalog).flatMap(([name, { trigger }]) => (trigger.kind === 'schedule' ? [name] : [])),
);
const invoked = (name: string): string => `invoke ${name}`;
const byTheClock: ReadonlySet<string> = new Set([...scheduled].map(invoked));
const inVain = 'sqs ReceiveMessage in vain';

const byMaker = (counts: Counts): Record<string, Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).map(([name, made]) => [name, { ...made }]));

/** Counts without what goes by the clock: scheduled functions, and receives that waited in vain. */
const ofWork = (counts: Counts): Record<string, Record<string, number>> => {
  const makers = Object.entries(counts).filter(([name]) => !scheduled.has(name));
  const kept = makers.map(([name, made]) => {
    const calls = Object.entries(made).filter(([call]) => call !== inVain && !byTheClock.has(call));
    return [name, Object.fromEntries(calls)] as const;
  });
  return Object.fromEntries(kept.filter(([, made]) => Object.keys(made).length > 0));
};

const executionsOf = async (sfn: SFNClient, name: string, plane: Plane): Promise<string[]> => {
  const stateMachineArn = machineArn(name, plane, 'us-east-1');
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
  return executions.flatMap(({ executionArn }) => executionArn ?? []);
};

const enteredIn = async (client: SFNClient, executionArn: string): Promise<number> => {
  let entered = 0;
  for await (const { events = [] } of paginateGetExecutionHistory({ client, pageSize: 1000 }, { executionArn }))
    entered += events.filter(({ type = '' }) => type.endsWith('StateEntered')).length;
  return entered;
};

/** How many executions each machine has begun and how many states they have entered, all told. */
const progressOf = async ({ planes }: HouseInMemory) => {
  const executions: Record<string, number> = {};
  let transitions = 0;
  for (const [name, plane] of Object.entries(machines)) {
    const { sfn } = planes[plane];
    const arns = await executionsOf(sfn, name, plane);
    executions[name] = arns.length;
    for (const arn of arns) transitions += await enteredIn(sfn, arn);
  }
  return { executions, transitions };
};

const nameIn = ({ body }: Frame): string => String(JSON.parse(body).filename ?? '');

/** The demo run's messages with the files that it leaves. */
const aRun = async () => {
  using folder = aFolder();
  const spec = { folder: folder.path, sizeBytes: 8_000, seed: 1, tfsPerStf: 2, bxPerTf: 65_536 };
  const frames: Frame[] = [];
  for (const line of demoRecording(run, startedAt, stfs)) {
    const { destination, body } = JSON.parse(line);
    frames.push({ destination, body: await withFile(JSON.stringify(body), spec) });
  }
  const files = new Map(readdirSync(folder.path).map((name) => [name, readFileSync(join(folder.path, name))]));
  return { frames, files };
};

/** Plays the first path in a house in memory, by a clock of its own, and counts: the same on every machine. */
export const measureCalls = async (): Promise<CallBudget> => {
  const { frames, files } = await aRun();
  using house = await aHouseInMemory({ seed: 1, files, environment: streamEnvironment });
  const { tally, clock } = house.world;
  const isStf = (frame: Frame): boolean => nameIn(frame).endsWith('.stf');
  const [first, ...others] = frames.filter(isStf);
  const firstAt = frames.findIndex(isStf);
  const last = frames.slice(-1);
  if (first === undefined) throw new RangeError('a run has STFs');
  let before = await progressOf(house);
  const played = async (some: readonly Frame[]): Promise<Measured> => {
    tally.take();
    await house.play(some, { together: true });
    const calls = ofWork(tally.take());
    const after = await progressOf(house);
    const begun = Object.entries(after.executions).map(
      ([name, n]) => [name, n - (before.executions[name] ?? 0)] as const,
    );
    const measured = {
      stfs: some.filter(isStf).length,
      calls,
      executions: Object.fromEntries(begun.filter(([, n]) => n > 0)),
      transitions: after.transitions - before.transitions,
    };
    before = after;
    return measured;
  };
  await played(frames.slice(0, firstAt));
  const one = await played([first]);
  const ten = await played(others.slice(0, 10));
  await played([...frames.slice(firstAt, -1).filter((frame) => !isStf(frame)), ...others.slice(10)]);
  const end = await played(last);
  await clock.idle();
  tally.take();
  const untilMs = clock.nowMs() + minuteMs;
  while (clock.nowMs() < untilMs) {
    await clock.next();
    await clock.idle();
  }
  return { one, ten, end, minute: { calls: byMaker(tally.take()) } };
};
