import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Status } from '#schema/status';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

/** An operator leaves `papilio status --watch --json` open while things break and heal. */
const main = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio-watch-'));
const folder = join(scratch, 'data');
const stfs = 3;
const soon = { timeout: 25_000, interval: 100 };
let house: House;

/** The command that stays, with what it has written so far. */
const watch = () => {
  const env = { ...plainEnvironment, PAPILIO_DATA: folder };
  const child = spawn(process.execPath, [main, 'status', '--watch', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += String(chunk);
  });
  return {
    shown: () =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => Status.parse(JSON.parse(line))),
    interrupt: async () => {
      const closed = once(child, 'close');
      child.kill('SIGINT');
      return (await closed)[0];
    },
  };
};

beforeAll(async () => {
  const recording = join(scratch, 'recording.jsonl');
  writeFileSync(recording, demoRecording(4712, new Date('2026-11-24T06:00:00Z'), stfs).join('\n'));
  house = await startHouse({
    folder,
    port: 0,
    environment: { ...plainEnvironment, PAPILIO_PAYLOAD_FAULTS: '{"swf.4712.000002.stf":"fail"}' },
    bridge: ['--replay', recording, '--speed', 'max'],
  });
  await house.bridgeDone;
  await (await frontOf(folder)).quiet();
}, 60_000);
afterAll(async () => {
  await house?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const kindsOf = (status: Status | undefined) => status?.broken.map(({ kind }) => kind);

test('tells what breaks and what is whole again, through a killed front and a stopped plane', async () => {
  const { shown, interrupt } = watch();
  await expect.poll(() => shown().length, soon).toBeGreaterThan(0);
  expect(shown()[0]).toMatchObject({
    total: { stfs: { seen: stfs, archived: stfs, processed: stfs - 1, failed: 1 } },
    backlogs: { archiving: { count: 0 }, processing: { count: 0 } },
    broken: [{ kind: 'stfs-failed', evidence: '1 in the last hour, the last for payload-failed' }],
  });
  // It finds the front that was started again by itself.
  process.kill(house.pid('front') ?? 0, 'SIGKILL');
  await expect.poll(() => house.starts('front'), soon).toBe(2);
  // The supervisor ends a plane that stands still, and starts it again.
  process.kill(house.pid('work') ?? 0, 'SIGSTOP');
  await expect.poll(() => kindsOf(shown().at(-1)), soon).toContain('plane-away');
  await expect.poll(() => kindsOf(shown().at(-1)), soon).not.toContain('plane-away');
  expect(shown().at(-1)?.total).toEqual(shown()[0]?.total);
  expect(await interrupt()).toBe(0);
});
