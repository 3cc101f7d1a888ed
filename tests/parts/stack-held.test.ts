import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { installMissing } from '../../local/stack/installing.ts';
import { recordsBy } from '../../local/stack/records/kept.ts';
import { stackPath } from '../../local/stack/stack-file.ts';
import { type House, type HouseOptions, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { statusOf } from '../e2e/planes/test-house.ts';
import { stackCommand } from './stack/a-stack.ts';

/** On a stack as everywhere: whatever holds up the work plane holds up no archiving (4.7). On ministack `stack-planes` stops it. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio held '));
const kind = 'localstack';
const stfs = 12;
const loopingPlane = fileURLToPath(new URL('./stack/looping-plane.ts', import.meta.url));
const patience = { timeout: 240_000, interval: 500 };

/** A house on a stack. Jobs that a house leaves are adopted by the next one on the same folder. */
const aHouse = async (stack: string, name: string, options: Partial<HouseOptions>): Promise<House> => {
  const folder = `${stack}-${name}`;
  const environment = { ...plainEnvironment, PAPILIO_INSTANCE: 'test', PAPILIO_STACK: stackPath(stack) };
  const processes = ['archive', 'work'] as const;
  const all = { ...environment, ...options.environment };
  const house = await startHouse({ folder, port: 0, processes, ...options, environment: all });
  onTestFinished(() => house.stop());
  return house;
};

const play = async (house: House, run: number): Promise<void> => {
  const recording = join(scratch, `run-${run}.jsonl`);
  await writeFile(recording, `${demoRecording(run, new Date('2026-03-01T12:00:00Z')).join('\n')}\n`);
  house.play(['--replay', recording, '--pace', 'tick', '--speed', 'max', '--stf-size', '1']);
  await house.bridgeDone;
};

const counted = async ({ folder }: House, noun: string, run: number, isCounted = (_doc: unknown) => true) =>
  (await recordsBy(folder)).filter(
    (record) => record.noun === noun && record.key.includes(`_0000${run}-`) && isCounted(record.doc),
  ).length;
const archived = (house: House, run: number) => counted(house, 'replica', run);
const processed = (house: House, run: number) =>
  counted(house, 'stf', run, (doc) => JSON.stringify(doc).includes('"processing":"processed"'));

describe('while the work plane is held up on LocalStack', () => {
  const stack = join(scratch, 'stack');
  beforeAll(async () => {
    installMissing(kind, () => undefined);
    expect(await stackCommand(['up', '--with', kind, '--stack', stack])).toMatchObject({ code: 0 });
  }, 1_500_000);
  afterAll(() => stackCommand(['reset', '--yes', '--stack', stack]), 60_000);

  // The first, while nothing is in the queues: a plane that loops before it is ready is given up.
  test('because its loop does not turn, all is archived', async () => {
    const run = 1001;
    const house = await aHouse(stack, 'loops', { programs: { work: loopingPlane } });
    await play(house, run);
    await expect.poll(() => archived(house, run), patience).toBe(stfs);
    expect(await processed(house, run)).toBe(0);
  });

  // These two one after the other, on one folder.
  test('because it has no space, all is archived; with space, all is processed', async () => {
    const run = 1002;
    const house = await aHouse(stack, 'data', { environment: { PAPILIO_WORK_QUOTA_MB: '20' } });
    const ballast = join(house.folder, 'work', 'ballast');
    await writeFile(ballast, Buffer.alloc(30e6, 1));
    const quota = async () => (await statusOf(house.folder, 'work'))?.quota;
    await expect.poll(quota, patience).toMatchObject({ paused: expect.stringContaining('quota') });
    await play(house, run);
    await expect.poll(() => archived(house, run), patience).toBe(stfs);
    expect(await processed(house, run)).toBe(0);
    await rm(ballast);
    await expect.poll(() => processed(house, run), patience).toBe(stfs);
  });

  test('because somebody stopped it, all is archived; when it goes on, all is processed', async () => {
    const run = 1003;
    const house = await aHouse(stack, 'data', { standstillMs: 600_000 });
    process.kill(house.pid('work') ?? 0, 'SIGSTOP');
    await play(house, run);
    await expect.poll(() => archived(house, run), patience).toBe(stfs);
    expect(await processed(house, run)).toBe(0);
    process.kill(house.pid('work') ?? 0, 'SIGCONT');
    await expect.poll(() => processed(house, run), patience).toBe(stfs);
  });
});

afterAll(() => rm(scratch, { recursive: true, force: true }));
