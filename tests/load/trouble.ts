import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { House } from '../../local/supervisor/house.ts';
import { type Replay, replay } from './replay.ts';

/** What is wrong with the work plane while STFs are archived. */
export const troubles = {
  none: {},
  'work plane stopped': {
    // It stays stopped: the supervisor would otherwise end it and start another one.
    house: { standstillMs: 600_000 },
    before: async (house: House) => signal(house, 'SIGSTOP'),
    after: async (house: House) => signal(house, 'SIGCONT'),
  },
  'work plane loops': {
    house: { programs: { work: fileURLToPath(new URL('./looping-plane.ts', import.meta.url)) } },
  },
  'work plane has no space': {
    house: { environment: { PAPILIO_WORK_QUOTA_MB: '20' } },
    before: async (house: House) => fill(house),
  },
} as const satisfies Record<string, Omit<Replay, 'stfs' | 'speed'>>;

/** Name of a trouble. */
export type Trouble = keyof typeof troubles;

const signal = (house: House, name: NodeJS.Signals): void => {
  const pid = house.pid('work');
  if (pid !== undefined) process.kill(pid, name);
};

const ballastBytes = 30_000_000;
/** How often the plane measures its folder, and a little more. */
const noticedMs = 3_000;

const fill = async (house: House): Promise<void> => {
  await writeFile(join(house.folder, 'work', 'ballast'), Buffer.alloc(ballastBytes, 1));
  await new Promise((resolve) => setTimeout(resolve, noticedMs));
};

/** Plays a run and counts the STFs that are archived when its last message is in the queues, and those processed. */
export const archivedIn = async (trouble: Trouble, pace: Pick<Replay, 'stfs' | 'speed'>) => {
  const processes = ['archive', 'work'] as const;
  const given: Omit<Replay, 'stfs' | 'speed'> = troubles[trouble];
  const { archive, work, endedAt } = await replay({ ...pace, ...given, house: { processes, ...given.house } });
  const archived = archive.filter(({ type, time }) => type === 'stf.archived' && time <= endedAt).length;
  return { archived, started: work.filter(({ type }) => type === 'job.submitted').length };
};
