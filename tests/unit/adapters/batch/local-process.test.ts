import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  bootId,
  folderVariable,
  identityOf,
  isAlive,
  killAll,
  parseIdentity,
  sampleSessions,
  signal,
} from '../../../../functions/adapters/batch/local-process.ts';

const stat = (pid: number, name: string, start: string) =>
  `${pid} (${name}) S 1 7 7 0 -1 4194304 90 0 0 0 0 0 0 0 20 0 1 0 ${start} 2600960 200 18446744073709551615`;

describe('a process for good', () => {
  test('is this one, and not one of another start or boot', () => {
    const mine = identityOf(process.pid);
    expect(isAlive(mine)).toBe(true);
    expect(isAlive({ ...mine, start: `${mine.start}1` })).toBe(false);
    expect(isAlive({ ...mine, boot: 'another' })).toBe(false);
    expect(isAlive({ pid: 0, start: '', boot: bootId })).toBe(false);
  });

  test.each(['sh', 'a b', 'x) S 1 2 3 (y'])('is read from what its wrapper wrote, whatever its name: %s', (name) => {
    const text = `4711\n${stat(4711, name, '98765')}\nboot-1\n`;
    expect(parseIdentity(text)).toEqual({ pid: 4711, start: '98765', boot: 'boot-1' });
  });

  test('is read where there is no /proc', () => {
    const text = '4711\n Tue Nov 24 08:00:00 2026\n\n';
    expect(parseIdentity(text)).toEqual({ pid: 4711, start: 'Tue Nov 24 08:00:00 2026', boot: '' });
  });

  test.each(['', '4711', '4711\n', 'x\ny\nz\n', '-1\na\nb\n', '0\na\nb\n'])('is not read from %j', (text) => {
    expect(parseIdentity(text)).toBeUndefined();
  });
});

describe('the processes of an attempt', () => {
  const start = async (script: string) => {
    const environment = { PATH: '/usr/bin:/bin', [folderVariable]: `/test/${randomUUID()}` };
    const child = spawn('sh', ['-c', script], {
      detached: true,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(child.stdout, 'data');
    const pids = String(line).trim().split(' ').map(Number);
    return { child, pid: child.pid ?? 0, folder: environment[folderVariable], others: pids.map(identityOf) };
  };

  test('are seen by their session, with their memory', async () => {
    const { pid, child, others } = await start('sleep 600 & echo $!; wait');
    const samples = sampleSessions(new Set([pid]));
    expect(samples.map((sample) => sample.pid).toSorted()).toEqual([pid, others[0]?.pid].toSorted());
    for (const sample of samples) expect(sample.memoryPeakMb).toBeGreaterThanOrEqual(sample.memoryMb);
    expect(samples[0]?.memoryMb).toBeGreaterThan(0.1);
    signal(-pid, 'SIGKILL');
    await once(child, 'exit');
    expect(sampleSessions(new Set([pid])).filter((sample) => sample.pid === pid)).toEqual([]);
  });

  test('all end, also one that left the session and one that outlived its wrapper', async () => {
    const left = await start('sleep 600 & a=$!; setsid sleep 600 & echo $a $!; wait');
    killAll(identityOf(left.pid), left.folder ?? '');
    await once(left.child, 'exit');
    const outlived = await start('sleep 600 & echo $!; wait');
    const wrapper = identityOf(outlived.pid);
    signal(outlived.pid, 'SIGKILL');
    await once(outlived.child, 'exit');
    killAll(wrapper, outlived.folder ?? '');
    const others = [...left.others, ...outlived.others];
    expect(others).toHaveLength(3);
    await expect.poll(() => others.some(isAlive), { interval: 5 }).toBe(false);
  });

  test('a signal to who is gone is no error', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(() => signal(child.pid ?? 0, 'SIGKILL')).not.toThrow();
  });
});
