import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { Quarantine } from '#schema/quarantine';
import { Run } from '#schema/run';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { type Account, accountOf } from './kill/account.ts';
import { recordsOf } from './records.ts';

/** One replay with every kind of bad input between good STFs: each ends in quarantine or a named failure, and stops nothing else. */
const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio-bad-'));
const folder = join(scratch, 'data');
const Line = z.object({ body: z.record(z.string(), z.unknown()) });

let account: Account;
let held: Quarantine[];
let runs: Run[];
let exitCode: unknown;

const at = new Date('2026-11-24T06:00:00Z');
const good = demoRecording(2001, at, 8);
const bodyOf = (line: string | undefined) => Line.parse(JSON.parse(line ?? '')).body;
const withBody = (line: string | undefined, fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ destination: '/topic/epictopic', tick: 1, body: { ...bodyOf(line), ...fields } });

const stf = good[2];
const bad = [
  '{"destination":"/topic/epictopic","body":{"msg_type":"stf_gen","run_id":20',
  withBody(stf, { msg_type: 'coffee_ready' }),
  withBody(stf, { filename: undefined }),
  withBody(stf, { run_id: 2 ** 60 }),
  withBody(stf, { filename: '../../x' }),
  withBody(good[0], {
    msg_type: 'resume_run',
    state: 'run',
    substate: 'physics',
    simulation_tick: 0.5,
    timestamp: '2026-11-24T06:00:00.500000',
  }),
  stf ?? '',
];
const faults = {
  'swf.2001.000003.stf': 'fail',
  'swf.2001.000004.stf': 'hang',
  'swf.2001.000005.stf': 'fill-disk',
  'swf.2001.000006.stf': 'crash',
};

beforeAll(async () => {
  const recording = join(scratch, 'recording.jsonl');
  writeFileSync(
    recording,
    [...good.slice(0, 4), ...bad, ...good.slice(4), ...demoRecording(2002, at, 3).reverse()].join('\n'),
  );
  const house = spawn(
    process.execPath,
    [main, '--data', folder, '--replay', recording, '--speed', 'max', '--exit', '--json', '--port', '0'],
    {
      env: {
        ...plainEnvironment,
        PAPILIO_LOCAL_SLOTS: '2',
        PAPILIO_PAYLOAD_TALLY: join(scratch, 'tally'),
        PAPILIO_PAYLOAD_FAULTS: JSON.stringify(faults),
        PAPILIO_PAYLOAD_TIMEOUT_S: '3',
        PAPILIO_PAYLOAD_DISK_MB: '24',
      },
      stdio: 'ignore',
    },
  );
  [exitCode] = await once(house, 'exit');
  account = accountOf(folder, join(scratch, 'tally'));
  held = [
    ...recordsOf(folder, 'archive').of('quarantine', Quarantine),
    ...recordsOf(folder, 'work').of('quarantine', Quarantine),
  ];
  runs = recordsOf(folder, 'work').of('run', Run);
}, 80_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const problems = () => held.filter((one) => one.state === 'held').map((one) => one.problem.code);
const failureOf = (sequence: number) =>
  account.stfs.find((one) => one.run === 2001 && one.sequence === sequence)?.failure;

test('a run with failures ends with exit code 1', () => expect(exitCode).toBe(1));

test.each([
  ['truncated JSON', 'message-unreadable'],
  ['an unknown type', 'message-type-unknown'],
  ['a missing field', 'message-invalid'],
  ['a run id of 2^60', 'run-number-out-of-range'],
  ['an STF named ../../x', 'stf-name-invalid'],
  ['an illegal transition', 'state-transition-illegal'],
])('%s is held in quarantine with its reason', (_, code) => {
  expect(problems().filter((found) => found === code)).toHaveLength(1);
});

test('nothing else is held', () => expect(problems()).toHaveLength(6));

test('the illegal transition changes no state', () => {
  expect(runs.find((run) => run.run === 2001)).toMatchObject({ phase: 'ended', totalStfs: 8 });
});

test('the same message twice is one STF with one output', () => {
  const repeats = account.events.filter((event) => event.type === 'message.repeated');
  expect(repeats).toHaveLength(1);
  expect(account.stfs.filter((one) => one.run === 2001)).toHaveLength(8);
});

test.each([
  [3, 'a payload that fails', 'payload-failed'],
  [4, 'a payload that hangs', 'payload-timeout'],
  [5, 'a payload that fills its disk', 'payload-disk'],
  [6, 'a payload that crashes', 'payload-killed'],
])('STF %i: %s is a named failure', (sequence, _, code) => {
  expect(failureOf(sequence)).toMatchObject({ code });
});

test('messages in reverse make the same record as messages in order', () => {
  expect(runs.find((run) => run.run === 2002)).toMatchObject({
    phase: 'ended',
    totalStfs: 3,
    startedAt: '2026-11-24T06:00:01.000000Z',
  });
  expect(account.stfs.filter((one) => one.run === 2002 && one.processing === 'processed')).toHaveLength(3);
  expect(held.some((one) => one.raw.includes('"run_id":2002') && one.state === 'held')).toBe(false);
});

test('bad input stops nothing else: every good STF is archived and processed, both runs are merged', () => {
  expect(account.replicas).toHaveLength(11);
  expect(account.stfs.filter((one) => one.processing === 'processed')).toHaveLength(7);
  expect(account.outputs.filter((output) => output.stfId === undefined)).toHaveLength(2);
});
