import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { stateOf } from '../../local/supervisor/process-identity.ts';

/** Stops a process, and returns when it has: as long as the thread that hears of it waits for the processor, the others go on. */
export const stopWhole = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGSTOP');
  const areStopped = async (): Promise<boolean> => {
    const states = await Promise.all((await readdir(`/proc/${pid}/task`)).map((thread) => stateOf(Number(thread))));
    return states.every((state) => state === 'T');
  };
  while (!(await areStopped())) await setTimeout(1);
};
