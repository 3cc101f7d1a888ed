import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#lib/system-clock';
import { openLocalBatch } from '../../../../functions/adapters/batch/local.ts';
import type { LocalBatchOptions } from '../../../../functions/adapters/batch/local-options.ts';
import { parseIdentity, signal } from '../../../../functions/adapters/batch/local-process.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { aSubmission } from '../../../builders/a-submission.ts';
import { counted, linesOf, shell } from '../../../builders/counted-payload.ts';
import { endsOf, until } from '../../../builders/ended-attempts.ts';

const program = fileURLToPath(new URL('../../../contract/batch-local-process.ts', import.meta.url));

describe('the local facility after a kill', () => {
  let folder: ReturnType<typeof aFolder>;
  let jobs: string;
  let side: string;
  beforeEach(() => {
    folder = aFolder();
    jobs = join(folder.path, 'jobs');
    side = join(folder.path, 'side-effects');
  });
  afterEach(() => folder[Symbol.dispose]());

  const open = (more: Partial<LocalBatchOptions> = {}) =>
    openLocalBatch({ folder: jobs, slots: 2, clock: systemClock, ...more });
  const at = (name: string) => join(jobs, 'live', 'a1', name);
  const endOfA1 = async (more: Partial<LocalBatchOptions> = {}) => {
    const batch = await open(more);
    const end = (await endsOf(batch, ['a1'])).get('a1');
    await batch.close();
    return end;
  };

  /** A shell that waits for a line in a pipe before it does anything, and says in another when it is done. */
  const slowShell = () => {
    const path = join(folder.path, 'slow-sh');
    for (const name of ['go', 'done']) execFileSync('mkfifo', [join(folder.path, name)]);
    writeFileSync(
      path,
      `#!/bin/sh\necho $$ > "${folder.path}/slow-pid"\nread line < "${folder.path}/go"\n/bin/sh "$@"\necho ended > "${folder.path}/done"\n`,
    );
    chmodSync(path, 0o700);
    return path;
  };

  const slowPid = () => {
    const path = join(folder.path, 'slow-pid');
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  };

  const killedAt = async (step: string, passing: number, more: object = {}) => {
    const child = fork(program, { execArgv: [] });
    const submissions = [counted('a1', side)];
    child.send({ folder: jobs, slots: 1, submissions, cancel: [], step, passing, ...more });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  };

  test('a wrapper that comes late finds its claim taken, and the payload runs once', async () => {
    await killedAt('spawned', 1, { shell: slowShell() });
    // A second papilio takes the claim and is killed before it goes on; a third goes on from there.
    await killedAt('claim-voided', 1);
    expect(linesOf(side)).toEqual([]);
    expect(await endOfA1()).toMatchObject({ outcome: 'succeeded' });
    expect(linesOf(side)).toEqual(['+ a1', '- a1']);
    await writeFile(join(folder.path, 'go'), 'go\n');
    expect(await readFile(join(folder.path, 'done'), 'utf8')).toBe('ended\n');
    expect(linesOf(side)).toEqual(['+ a1', '- a1']);
    expect(existsSync(at('pid-2'))).toBe(true);
  });

  test('a wrapper that was stopped right after its start runs its payload once, whoever wins the claim', async () => {
    const stopped: number[] = [];
    const stop = (step: string, pid?: number) => {
      if (step === 'spawned' && pid !== undefined && stopped.push(pid) === 1) signal(pid, 'SIGSTOP');
    };
    const first = await open({ afterStep: stop });
    await first.submit([counted('a1', side)]);
    await first.close();
    const again = await open();
    const ended = endsOf(again, ['a1']);
    signal(stopped[0] ?? 0, 'SIGCONT');
    expect((await ended).get('a1')).toMatchObject({ outcome: 'succeeded' });
    await again.close();
    expect(linesOf(side)).toEqual(['+ a1', '- a1']);
  });

  const startWaiting = async () => {
    const batch = await open();
    await batch.submit([counted('a1', side, 'sleep 600')]);
    await until(() => linesOf(side).length > 0);
    const pid = parseIdentity(readFileSync(at('pid-1'), 'utf8'))?.pid ?? 0;
    return { batch, pid };
  };

  test('a payload whose wrapper was killed is lost, and what it left running is ended', async () => {
    const { batch, pid } = await startWaiting();
    signal(pid, 'SIGKILL');
    const end = (await endsOf(batch, ['a1'])).get('a1');
    expect(end).toMatchObject({ outcome: 'lost', reason: 'its processes vanished without an exit record' });
    await batch.close();
    const marked = () =>
      execFileSync('sh', ['-c', `grep -lz 'HOME=${join(jobs, 'live', 'a1')}$' /proc/[0-9]*/environ 2>&- || :`]);
    await expect.poll(() => String(marked()), { interval: 20 }).toBe('');
  });

  test('a payload that vanished while nobody watched is lost, once and for ever', async () => {
    const { batch, pid } = await startWaiting();
    await batch.close();
    signal(-pid, 'SIGKILL');
    const end = await endOfA1();
    expect(end).toMatchObject({ outcome: 'lost' });
    expect(await endOfA1()).toEqual(end);
  });

  test('an attempt that was starting when the machine went down is lost, not started again', async () => {
    await killedAt('spawned', 1, { shell: slowShell() });
    writeFileSync(at('spawn-1'), 'another boot');
    expect(await endOfA1()).toMatchObject({ outcome: 'lost', reason: expect.stringContaining('restarted') });
    await until(() => slowPid() > 0);
    signal(-slowPid(), 'SIGKILL');
    expect(await endOfA1()).toMatchObject({ outcome: 'lost' });
  });

  test('a claim of another boot is lost, even if its pid is alive', async () => {
    const { batch, pid } = await startWaiting();
    await batch.close();
    const claim = readFileSync(at('pid-1'), 'utf8').split('\n');
    writeFileSync(at('pid-1'), [claim[0], claim[1], 'another boot', ''].join('\n'));
    expect(await endOfA1()).toMatchObject({ outcome: 'lost' });
    signal(-pid, 'SIGKILL');
  });

  test('an intent that was torn before its sync never started, and is written again', async () => {
    await killedAt('intent-written', 1);
    writeFileSync(at('job.json'), '{"attemptId":');
    const batch = await open();
    expect(await batch.status(['a1'])).toEqual([{ attemptId: 'a1', state: 'unknown' }]);
    await batch.submit([counted('a1', side)]);
    expect((await endsOf(batch, ['a1'])).get('a1')).toMatchObject({ outcome: 'succeeded' });
    await batch.close();
  });

  test('an intent that is gone after the start is a lost attempt, never a new one', async () => {
    const { batch, pid } = await startWaiting();
    await batch.close();
    rmSync(at('job.json'));
    const again = await open();
    expect(await again.submit([counted('a1', side)])).toMatchObject([{ state: 'ended', end: { outcome: 'lost' } }]);
    await again.close();
    expect(linesOf(side)).toEqual(['+ a1']);
    signal(-pid, 'SIGKILL');
  });

  test('a torn exit record is a lost attempt', async () => {
    const batch = await open();
    await batch.submit([counted('a1', side)]);
    await endsOf(batch, ['a1']);
    await batch.close();
    writeFileSync(at('exit.json'), '{"status":');
    expect(await endOfA1()).toMatchObject({ outcome: 'lost', reason: 'the exit record cannot be read' });
  });

  test('the queue keeps its order', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `q${n}`);
    const gate = shell(`while [ ! -e "$1" ]; do sleep 0.01; done`, join(folder.path, 'gate'));
    const batch = await open({ slots: 1 });
    await batch.submit([aSubmission('a1', gate), ...ids.map((id) => counted(id, side))]);
    await batch.close();
    const again = await open({ slots: 1 });
    const ended = endsOf(again, ids);
    writeFileSync(join(folder.path, 'gate'), '');
    await ended;
    await again.close();
    expect(linesOf(side).filter((line) => line.startsWith('+'))).toEqual(ids.map((id) => `+ ${id}`));
  });

  test('a folder that is gone is an offline facility with a reason', async () => {
    const batch = await open();
    renameSync(jobs, `${jobs}.away`);
    expect(await batch.probe()).toMatchObject({ isOnline: false, slots: 2, reason: expect.stringContaining('ENOENT') });
    await batch.close();
    writeFileSync(jobs, 'a file');
    await expect(open()).rejects.toMatchObject({ code: 'facility-unavailable', kind: 'SiteFault' });
  });
});
