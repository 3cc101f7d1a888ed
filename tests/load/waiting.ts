import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { aFolder } from '../builders/a-folder.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { startContestant } from './contest.ts';
import { rounded } from './figures.ts';

export const name = 'waiting';
export const about = 'a hundred thousand executions that wait for task tokens: memory, disk, and back after SIGKILL';

const executions = 100_000;
const Memory = z.object({ heapBytes: z.number(), rssBytes: z.number(), snapshot: z.number() });

/** An engine that is filled with `count` executions and then killed. */
const fill = async (folder: string, count: number) => {
  const engine = await startContestant('papilio', './waiting-papilio.ts', [folder]);
  const round = async (wanted: number) => {
    const { outputs, wallMs } = await engine.round({ kind: 'fill', count: wanted, inFlight: 256 });
    const [memory = '{}', ...tokens] = outputs;
    return { memory: Memory.parse(JSON.parse(memory)), tokens, wallMs };
  };
  try {
    const before = await round(0);
    const some = Math.round(count / 5);
    const part = await round(some);
    return { before: before.memory, part: part.memory, some, after: await round(count - some) };
  } finally {
    await engine.kill();
  }
};

/** Lets an engine begin a segment, which folds all before it into a snapshot; killed when that is on the disk. */
const compacted = async (folder: string): Promise<void> => {
  const engine = await startContestant('papilio', './waiting-papilio.ts', [folder, '0']);
  try {
    for (let snapshot = 0; snapshot === 0; ) {
      const { outputs } = await engine.round({ kind: 'fill', count: 0, inFlight: 1 });
      ({ snapshot } = Memory.parse(JSON.parse(outputs[0] ?? '{}')));
    }
  } finally {
    await engine.kill();
  }
};

const post = async (address: string, operation: string, input: object): Promise<unknown> => {
  const headers = { 'x-amz-target': `AWSStepFunctions.${operation}`, 'content-type': 'application/x-amz-json-1.0' };
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${await response.text()}`);
  return response.json();
};

const residentBytes = (pid: number): number => {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};

/** CPU time of a process, as Linux counts it in ticks of 10 ms. */
const cpuMsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** From just after the kill to the answer of the first call, which is durable; and what the process holds then. */
const comeBack = async (folder: string, [operation, input]: readonly [string, object]) => {
  const startedMs = performance.now();
  const engine = spawnEngineProcess({ folder });
  try {
    await post(await engine.ready, operation, input);
    const backMs = performance.now() - startedMs;
    return { backMs, cpuMs: cpuMsOf(engine.pid), rssBytes: residentBytes(engine.pid) };
  } finally {
    await engine.kill();
  }
};

const answered = (taskToken = '') => ['SendTaskSuccess', { taskToken, output: '{"done":true}' }] as const;

const bytesOf = (folder: string, prefix: string): number =>
  readdirSync(folder)
    .filter((file) => file.startsWith(prefix))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

/** Fills, kills, comes back from the journal, compacts, and comes back from the snapshot. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  using other = aFolder();
  const count = Math.max(1000, Math.round(executions * scale));
  const each = (bytes: number) => rounded(bytes / count / 1000);
  const empty = await comeBack(other.path, ['ListStateMachines', {}]);
  say(`starts ${count} executions`);
  const { before, part, some, after } = await fill(folder.path, count);
  say('comes back from the journal, compacts, comes back from the snapshot');
  const fromJournal = await comeBack(folder.path, answered(after.tokens[0]));
  const journalBytes = bytesOf(folder.path, 'journal');
  await compacted(folder.path);
  const fromSnapshot = await comeBack(folder.path, answered(after.tokens[1]));
  const snapshotBytes = bytesOf(folder.path, 'snapshot');
  const back = (what: string, found: typeof empty): Row => ({
    'comes back from': what,
    'first answer after ms': rounded(found.backMs),
    'CPU ms until then': rounded(found.cpuMs),
    'resident kB each': what === 'nothing' ? 0 : each(found.rssBytes - empty.rssBytes),
  });
  const rssKb = each(after.memory.rssBytes - before.rssBytes);
  const furtherKb = rounded((after.memory.rssBytes - part.rssBytes) / (count - some) / 1000);
  const diskKb = each(journalBytes + snapshotBytes);
  const worstMs = rounded(Math.max(fromJournal.backMs, fromSnapshot.backMs));
  const filled: Row = {
    executions: count,
    'started/s': rounded(((count - some) / after.wallMs) * 1000),
    'heap kB each': each(after.memory.heapBytes - before.heapBytes),
    'resident kB each': rssKb,
    'of each further one': furtherKb,
    'journal kB each': each(journalBytes),
    'snapshot kB each': each(snapshotBytes),
  };
  return {
    tables: {
      'waiting executions': [filled],
      'after SIGKILL': [back('nothing', empty), back('journal', fromJournal), back('snapshot', fromSnapshot)],
    },
    bars: [
      { what: 'resident memory that each further waiting execution takes', measured: furtherKb, unit: 'kB', atMost: 2 },
      { what: 'disk of a waiting execution, journal and snapshot', measured: diskKb, unit: 'kB', atMost: 2 },
      { what: 'SIGKILL to the first answered call', measured: worstMs, unit: 'ms', atMost: 2000 },
    ],
    notes: [
      `a further one is one after the first ${some}, when the young generation has grown as far as it does; it stays`,
      'resident memory of the filled engine is taken after a collection, of one that came back as it is, less an empty one’s',
      'the first answered call is SendTaskSuccess, which is durable when it is answered; the start of Node is in the time',
    ],
  };
};
