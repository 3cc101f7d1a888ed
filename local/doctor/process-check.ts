import { join } from 'node:path';
import type { Check } from '#schema/check-up';
import { type Holder, isRunning, readHolder } from '../supervisor/process-identity.ts';

/** Who writes down that it runs, and where. The bridge may have nothing to do. */
const plates = [
  { name: 'supervisor', file: 'lock' },
  { name: 'archive plane', file: 'archive/lock' },
  { name: 'work plane', file: 'work/lock' },
  { name: 'front', file: 'front.lock' },
] as const;

/** The process that holds a lock or name plate of a folder; undefined if none that runs does. */
export const runningHolder = async (folder: string, file: string): Promise<Holder | undefined> => {
  const holder = await readHolder(join(folder, file));
  return holder && (await isRunning(holder)) ? holder : undefined;
};

/** Whether the processes of a house run. */
export const checkProcesses = async (folder: string): Promise<Check> => {
  const found = await Promise.all(
    plates.map(async ({ name, file }) => ({ name, pid: (await runningHolder(folder, file))?.pid })),
  );
  const gone = found.filter(({ pid }) => pid === undefined).map(({ name }) => name);
  const about = { check: 'processes' } as const;
  if (gone.length === 0) {
    return { ...about, level: 'ok', what: found.map(({ name, pid }) => `${name} ${pid}`).join(', ') };
  }
  const isDown = gone.length === found.length;
  return {
    ...about,
    level: 'problem',
    what: isDown ? `nothing runs in ${folder}` : `not running: ${gone.join(', ')}`,
    todo: isDown ? `start it: npm start -- --data ${folder}` : `read the last lines of ${join(folder, 'log')}`,
  };
};
