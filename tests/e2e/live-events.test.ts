import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudEvent } from '#schema/event';
import { EventPage } from '#schema/view';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

/** A shift leaves `papilio watch` open while data are taken and the front falls, more than once. */
const main = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio-live-'));
const folder = join(scratch, 'data');
const run = 4713;
const soon = { timeout: 30_000, interval: 50 };
let house: House;

beforeAll(async () => {
  const recording = join(scratch, 'recording.jsonl');
  writeFileSync(recording, demoRecording(run, new Date('2026-11-24T06:00:00Z'), 6).join('\n'));
  const bridge = ['--replay', recording, '--speed', '2'];
  house = await startHouse({ folder, port: 0, environment: { ...plainEnvironment }, bridge });
}, 60_000);
afterAll(async () => {
  await house?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** The command that stays: what it printed, and what it said of itself. */
const watch = (...words: string[]) => {
  const env = { ...plainEnvironment, PAPILIO_DATA: folder };
  const child = spawn(process.execPath, [main, 'watch', '-o', 'jsonl', ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.err += text));
  const lines = () => heard.out.split('\n').slice(0, -1);
  return {
    count: () => lines().length,
    /** How many events it has printed, whether it has ended, and what it said: all of it shows where it differs. */
    told: () => ({ events: lines().length, exitCode: child.exitCode, said: heard.err }),
    events: () => lines().map((line) => CloudEvent.parse(JSON.parse(line))),
    said: () => heard.err,
    interrupt: async () => {
      const closed = once(child, 'close');
      child.kill('SIGINT');
      return (await closed)[0];
    },
  };
};

/** All events of both logs, as the list has them. */
const logged = async (query = ''): Promise<EventPage['items']> => {
  const { baseUrl } = await frontOf(folder);
  const items: EventPage['items'] = [];
  for (let after = 'a0-w0'; ; ) {
    const answer = await fetch(`${baseUrl}/v1/events?limit=1000&after=${after}${query}`);
    const page = EventPage.parse(await answer.json());
    items.push(...page.items);
    if (page.next === after) return items;
    after = page.next;
  }
};

/** A command that stays, and has printed so many events. */
const stays = (events: unknown) => ({ events, exitCode: null, said: expect.any(String) });
const some = expect.toSatisfy((events: number) => events > 0, 'some events');

const perLog = (events: readonly { source: string; seq: number }[]) =>
  Object.groupBy(events, ({ source }) => source.split('/').at(-1) ?? '');
const seqs = (events: readonly { source: string; seq: number }[]) =>
  Object.fromEntries(Object.entries(perLog(events)).map(([log, of = []]) => [log, of.map(({ seq }) => seq)]));

test('whoever watches hears every event once, each log in its order, through killed fronts', async () => {
  const all = watch('--after', 'a0-w0');
  const ofStfs = watch('--after', 'a0-w0', '--type', 'stf,run.changed', '--run', String(run));
  // Both shall lose a connection that was there.
  for (const each of [all, ofStfs]) await expect.poll(each.told, soon).toEqual(stays(some));
  for (const [kills, enough] of [
    [1, 5],
    [2, 25],
  ] as const) {
    await expect.poll(all.count, soon).toBeGreaterThan(enough);
    process.kill(house.pid('front') ?? 0, 'SIGKILL');
    await expect.poll(() => house.starts('front'), soon).toBe(1 + kills);
  }
  await house.bridgeDone;
  await (await frontOf(folder)).quiet();
  const events = await logged();
  await expect.poll(all.told, soon).toEqual(stays(events.length));
  expect(seqs(all.events())).toEqual(seqs(events));
  const wanted = await logged(`&type=stf,run.changed&run=${run}`);
  expect(wanted.length).toBeGreaterThan(10);
  await expect.poll(ofStfs.told, soon).toEqual(stays(wanted.length));
  expect(seqs(ofStfs.events())).toEqual(seqs(wanted));
  expect(all.said()).toMatch(/the connection is lost[\s\S]*the connection is back; nothing was missed/);
  expect(await all.interrupt()).toBe(130);
  expect(await ofStfs.interrupt()).toBe(130);
});

test('whoever begins to watch while the front is being started again hears all', async () => {
  const starts = house.starts('front');
  process.kill(house.pid('front') ?? 0, 'SIGKILL');
  const early = watch('--after', 'a0-w0', '--type', 'stf,run.changed', '--run', String(run));
  await expect.poll(() => house.starts('front'), soon).toBe(starts + 1);
  await (await frontOf(folder)).quiet();
  const wanted = await logged(`&type=stf,run.changed&run=${run}`);
  await expect.poll(early.told, soon).toEqual(stays(wanted.length));
  expect(seqs(early.events())).toEqual(seqs(wanted));
  expect(await early.interrupt()).toBe(130);
});
