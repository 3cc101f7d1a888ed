import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { hostMark } from '../../local/host/instance/processes.ts';
import { processState } from '../builders/a-function-host.ts';

const Told = z.object({ folder: z.string(), pids: z.array(z.int()) });
const program = fileURLToPath(new URL('../builders/a-doomed-host.ts', import.meta.url));

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
};

/** All processes of the host that one of its processes belongs to. */
const marked = (mark: string): readonly string[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).split('\0').includes(mark));

test('a host that is killed by SIGKILL takes with it all that its functions started', async () => {
  const host = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(host.stdout), 'line');
  const { folder, pids } = Told.parse(JSON.parse(String(line)));
  expect(pids.map(processState)).not.toContain(undefined);
  const mark =
    environmentOf(String(pids[0]))
      .split('\0')
      .find((one) => one.startsWith(`${hostMark}=`)) ?? '';
  // An instance that spins and one more at least, and the three that they started.
  expect(marked(mark).length).toBeGreaterThanOrEqual(4);
  host.kill('SIGKILL');
  await vi.waitFor(() => expect(marked(mark)).toEqual([]), 20_000);
  expect(pids.map(processState)).toEqual([undefined, undefined, undefined]);
  rmSync(folder, { recursive: true, force: true });
});
