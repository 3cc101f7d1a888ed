import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ExecutionPage } from '#schema/execution';
import { StfView } from '#schema/view';
import { startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { aStompMessage, aStompStub } from '../../builders/stomp-stub.ts';
import { aSteeredHouse, papilioIn, type Said, type SteeredHouse } from '../steer/steered-house.ts';

/**
 * Fifteen tasks of a shift crew (a), an operator (b) and a physicist (c), with the real command and the real processes: none
 * ends without an answer or with a wrong one.
 */

const run = 4001;
const why = (reason: string) => ['--why', reason];
/** What a command printed, once its exit code is the expected one. */
const ok = (said: Said, code = 0): string => {
  expect(said.code, said.err).toBe(code);
  return said.out;
};

const announceRun = (house: SteeredHouse) =>
  house.daq.say({
    ...{ msg_type: 'start_run', run_id: run, timestamp: '2026-11-24T06:00:00.000000' },
    ...{ state: 'run', substate: 'physics' },
  });

/** Writes an STF with a wrong byte, and announces it as it should be. */
const bringDamaged = async ({ daq }: SteeredHouse, sequence: number): Promise<string> => {
  const stf = await daq.write(sequence);
  const path = join(daq.folder, 'incoming', stf.name);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
  writeFileSync(path, bytes);
  await daq.announce(stf);
  return stf.name;
};

const untilSays = async (ask: () => Promise<Said>, holds: (said: Said) => boolean): Promise<Said> => {
  for (;;) {
    const said = await ask();
    if (holds(said)) return said;
    await delay(50);
  }
};

test('a1 to a6: a shift sees what waits and why, what failed and what helps, watches, settles and hands over', async () => {
  const house = await aSteeredHouse({
    PAPILIO_LOCAL_SLOTS: '1',
    PAPILIO_PAYLOAD_FAULTS: '{"swf.4001.000001.stf":"hang"}',
  });
  const { papilio } = house;
  await announceRun(house);
  const busy = await house.bring(1);
  await house.untilJob(busy, ({ state, attempts }) => state === 'submitted' && !!attempts[0]?.handle);
  const waiting = [await house.bring(2), await house.bring(3)];
  for (const name of waiting) await house.daq.until(name, (view) => view?.processing === 'waiting' && view.isArchived);

  // a1: is the run OK?
  expect(ok(await papilio('status'))).toMatch(/run 4001[\s\S]*STFs +seen 3/);

  // a2: which STFs are behind, and why?
  const listed = await untilSays(
    () => papilio('stf', 'list', '--processing', 'waiting'),
    ({ out }) => /1 job before it/.test(out),
  );
  expect(ok(listed)).toMatch(/swf\.4001\.000002\.stf .*a free slot: local has 1 slot, 1 busy; \d jobs? before it/);
  expect(listed.out).toMatch(/swf\.4001\.000001\.stf .*its payload at local\/default, attempt 1/);
  expect(ok(await papilio('why', waiting[1] ?? ''))).toMatch(
    / is waiting\n {2}Waiting for a free slot: local has 1 slot, 1 busy; \d jobs? before it/,
  );

  // a3: what failed, and what to do about it?
  const damaged = await bringDamaged(house, 4);
  const shown = await untilSays(
    () => papilio('quarantine', 'show', damaged),
    ({ code }) => code === 0,
  );
  expect(shown.out).toMatch(/held: stf-corrupt, [\s\S]*try +have the DAQ send the file and its message again/);
  expect(shown.out).not.toMatch(/job retry|quarantine replay/);
  const quarantined = ok(await papilio('quarantine', 'list', '--state', 'held'));
  expect(quarantined).toMatch(/held +swf\.4001\.000004\.stf +stf-corrupt/);

  // a4: what happens, live?
  const live = await papilio('watch', '--after', 'a0-w0', '--type', 'stf.archived', '--timeout', '4');
  expect(ok(live, 124)).toMatch(/stf\.archived +stf_00004001-00000001/);

  // a5: hold and release: a replay that cannot help says so, and what counts for nothing is discarded.
  const id = /quarantine_[0-9a-f]{32}/.exec(quarantined)?.[0] ?? '';
  expect(ok(await papilio('quarantine', 'replay', id, '--dry-run'))).toMatch(
    /held again, unless its file is another: stf-corrupt/,
  );
  const replayed = await papilio('quarantine', 'replay', id, ...why('perhaps'));
  expect(replayed).toMatchObject({
    code: 1,
    err: expect.stringMatching(/held again: quarantine_[0-9a-f]+: stf-corrupt/),
  });
  ok(await papilio('quarantine', 'discard', id, '--yes', ...why('the DAQ sends it again')));
  expect((await papilio('quarantine', 'list', '--state', 'held')).err).toBe('nothing is in quarantine\n');
  ok(await papilio('job', 'cancel', busy, ...why('it hangs')));
  for (const name of waiting) await house.daq.until(name, (view) => view?.processing === 'processed');
  expect((await papilio('stf', 'list', '--processing', 'waiting')).err).toBe('no STFs\n');

  // a6: hand over: what people did, and what happened, in the last eight hours.
  const acts = ok(await papilio('event', 'list', '--since', '8h', '--type', 'command', '--all'));
  for (const reason of ['perhaps', 'the DAQ sends it again', 'it hangs']) expect(acts).toContain(reason);
  expect(ok(await papilio('event', 'list', '--since', '1s', '--type', 'run', '--all'))).not.toContain('run.changed');
  expect(ok(await papilio('run', 'list'))).toMatch(/4001 +physics/);
}, 90_000);

test('b1 to b6: an operator connects a broker, drains, redrives, restores elsewhere, restarts and sees a plane that stops', async () => {
  const house = await aSteeredHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const { papilio, daq } = house;
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-people-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

  // b1: a real broker.
  const stub = await aStompStub();
  onTestFinished(() => stub[Symbol.asyncDispose]());
  const brokers = join(scratch, 'brokers.json');
  const subscriptions = [{ destination: '/topic/epictopic' }];
  writeFileSync(brokers, JSON.stringify({ brokers: [{ name: 'daq', url: stub.url, subscriptions }] }));
  daq.house.play(['--brokers', brokers]);
  await stub.whenGot('SUBSCRIBE', 1);
  const first = await daq.write(1);
  const body = { msg_type: 'stf_gen', run_id: run, filename: first.name, timestamp: '2026-11-24T06:00:00.000000' };
  stub.say(aStompMessage('1', JSON.stringify({ ...body, state: 'run', substate: 'physics', size: first.sizeBytes })));
  await daq.until(first.name, (view) => view?.processing === 'processed');
  await stub.whenGot('ACK', 1);

  // b2: drain.
  const drained = await papilio('site', 'drain', 'local', ...why('a new switch'));
  expect(drained.err).toMatch(/^dev-local at http:\/\/127\.0\.0\.1:\d+\n/);
  ok(drained);
  const second = await house.bring(2);
  await untilSays(
    () => papilio('why', second),
    ({ out }) => /Waiting for a facility: local is drained by \S+: a new switch/.test(out),
  );

  // b3: stop, and run again.
  const { id } = await house.untilJob(second, ({ explains }) => explains.length > 0);
  const { items } = await house.get('/v1/executions?machine=run-job&status=RUNNING', ExecutionPage);
  const execution = items[0]?.id ?? '';
  ok(await papilio('exec', 'stop', execution, ...why('wrong calibration')));
  ok(await papilio('site', 'resume', 'local', ...why('the switch is in')));
  await daq.until(second, (view) => view?.processing === 'failed');
  const stopped = ok(await papilio('why', execution));
  expect(stopped).toMatch(/aborted\n {2}because: .*wrong calibration\n/);
  ok(await papilio('job', 'retry', id, ...why('it was right')));
  await daq.until(second, (view) => view?.processing === 'processed');

  // b6: why does nothing move? A plane that is stopped is named, and is back by itself.
  process.kill(daq.house.pid('archive') ?? 0, 'SIGSTOP');
  const unwell = await untilSays(
    () => papilio('health'),
    ({ code }) => code !== 0,
  );
  expect(unwell).toMatchObject({ code: 6, out: expect.stringMatching(/archive/) });
  await untilSays(
    () => papilio('health'),
    ({ code }) => code === 0,
  );

  // b4 and b5: stop in the middle of work; a copy elsewhere has all of it, and goes on where the first one stopped.
  const third = await house.bring(3);
  await daq.until(third, (view) => view !== undefined);
  await daq.house.stop();
  const down = await papilio('status');
  expect(down).toMatchObject({
    code: 6,
    err: expect.stringMatching(/^error\[unreachable\]: no papilio is running in /),
  });
  const copy = join(scratch, 'copy');
  cpSync(daq.folder, copy, { recursive: true });
  const restored = await startHouse({ folder: copy, environment: { ...plainEnvironment }, port: 0 });
  onTestFinished(() => restored.stop());
  const there = papilioIn(copy);
  const list = await untilSays(
    () => there('stf', 'list', '--json=name,processing'),
    ({ out }) => (out.match(/"processed"/g) ?? []).length === 3,
  );
  for (const name of [first.name, second, third]) expect(list.out).toContain(name);
}, 120_000);

test('c1 to c3: a physicist finds a bunch crossing and its bytes, fetches outputs, and sees why a job ran where it ran', async () => {
  const house = await aSteeredHouse();
  const { papilio } = house;
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-people-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  const names = [await house.bring(1), await house.bring(2)];
  for (const name of names) await house.daq.until(name, (view) => view?.processing === 'processed');
  const { stf } = await house.get(`/v1/stfs/${names[0]}`, StfView);

  // c1: a bunch crossing, and its bytes.
  const bx = String(BigInt(stf?.bxFirst ?? 0) + 9n);
  const found = await untilSays(
    () => papilio('tf', 'find', '--bx', bx),
    ({ code }) => code === 0,
  );
  expect(found.out).toContain(names[0]);
  const tf = join(scratch, 'tf.bin');
  ok(await papilio('tf', 'read', '--bx', bx, '--to', tf));
  expect(readFileSync(tf).length).toBeGreaterThan(0);

  // c2: the outputs of a run, and the file of an STF.
  const to = join(scratch, 'run');
  const got = await papilio('run', 'get', String(run), '--outputs', to);
  expect(got).toMatchObject({ code: 0, err: expect.stringMatching(/^2 files, .*; 2 of them new\n$/) });
  const ids = ok(await papilio('data', 'list', '--run', String(run), '-o', 'name'))
    .trim()
    .split('\n');
  expect(readdirSync(to).sort()).toEqual(ids.map((id) => `${id}.json`).sort());
  for (const file of readdirSync(to)) expect(JSON.parse(readFileSync(join(to, file), 'utf8'))).toBeTypeOf('object');
  ok(await papilio('stf', 'get', names[0] ?? '', '--to', scratch));
  expect(existsSync(join(scratch, names[0] ?? ''))).toBe(true);

  // c3: why did it run there?
  expect(ok(await papilio('why', names[0] ?? ''))).toMatch(
    // Before that it may have waited for its file, or for a slot.
    /succeeded\n(attempt 1 (waited|found no place).*\n( .*\n)*)*attempt 1 went to local\/default.*\n +local\/default: score /,
  );
}, 60_000);
