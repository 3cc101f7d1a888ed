import { once } from 'node:events';
import { mkdirSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { aRecording, aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

const at = new Date('2026-11-24T06:00:00Z');
const toTheEnd = ['--speed', '4', '--exit', '--json'];

test('a front that is killed comes back under its address, and the replay is played to its end', async () => {
  const scratch = aScratch();
  const replay = aRecording(scratch, demoRecording(2101, at, 6));
  const house = startWhole({ folder: join(scratch, 'data'), words: ['--replay', replay, ...toTheEnd] });
  await house.says(/processed [1-9]/);
  process.kill(house.pidOf('front'), 'SIGKILL');
  const { code, out, said } = await house.ended;
  expect(said).toContain('front ended: SIGKILL; it is started again');
  expect(summaryOf(out).stfs).toEqual({ seen: 6, archived: 6, processed: 6, failed: 0, quarantined: 0 });
  expect(code).toBe(0);
}, 30_000);

test('papilio ends when its recording cannot be played, and says why', async () => {
  const scratch = aScratch();
  const folder = join(scratch, 'data');
  await startWhole({ folder, words: ['--no-demo', '--exit'] }).ended;
  // A folder where the bridge writes its position: every bridge falls at once.
  mkdirSync(join(folder, 'replay.json.part'));
  const replay = aRecording(scratch, demoRecording(2102, at, 1));
  const { code, said } = await startWhole({ folder, words: ['--replay', replay, ...toTheEnd] }).ended;
  expect(said).toMatch(/papilio: bridge does not start: .*EISDIR/);
  expect(code).toBe(1);
}, 30_000);

test('papilio ends when its data folder is moved away, and leaves none of its processes behind', async () => {
  const folder = join(aScratch(), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http/);
  const pids = [house.pidOf('front'), house.pidOf('archive'), house.pidOf('work')];
  renameSync(folder, `${folder}-elsewhere`);
  const { code, said } = await house.ended;
  expect(said).toContain('[folder-gone]');
  expect(code).toBe(1);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}, 30_000);

test('a port that is taken is named, with what to do', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void blocker.close());
  await once(blocker, 'listening');
  const { port } = z.object({ port: z.int() }).parse(blocker.address());
  const { code, said } = await startWhole({ folder: join(aScratch(), 'data'), words: ['--port', String(port)] }).ended;
  expect(said).toContain(`127.0.0.1:${port}; choose another with --port`);
  expect(code).toBe(1);
}, 30_000);
