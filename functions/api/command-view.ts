import { commands } from '#lib/records';
import type { Command, CommandRecord, CommandView } from '#schema/command';
import type { Plane } from '../catalog.ts';
import { fromBoth } from './stf-view.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

/** How one plane ended its part of a command. */
type Ending = { readonly plane: Plane; readonly record: CommandRecord };

/** How far a command has come, and what to call it. */
export const viewOf = (
  { id, action, subject, by, why, at }: Command,
  endings: readonly Ending[],
  isEnded: boolean,
): CommandView => {
  const isRefused = endings.some(({ record }) => record.state === 'refused');
  const state = isRefused ? 'refused' : 'done';
  return {
    ...{ id, action, subject, by, why, at, state: isEnded ? state : 'waiting' },
    endings: endings.map(({ plane, record: { state, problem, endedAt } }) => ({
      ...{ plane, state, endedAt },
      ...(problem && { problem }),
    })),
  };
};

/** How the planes ended a command, as far as they have. */
export const findEndings = async (records: Surroundings['records'], id: string): Promise<Ending[]> => {
  const ask = ({ store }: PlaneRecords) => commands.get(store, id);
  const { archive, work } = await fromBoth(records, { archive: ask, work: ask });
  return [
    ...(archive ? [{ plane: 'archive', record: archive.doc } as const] : []),
    ...(work ? [{ plane: 'work', record: work.doc } as const] : []),
  ];
};

/** Waits until so many planes have ended a command, woken by their events; at most `waitMs`. */
export const awaitEndings = async (
  { records, feed, clock }: Surroundings,
  id: string,
  { count, waitMs }: { readonly count: number; readonly waitMs: number },
): Promise<Ending[]> => {
  const untilMs = clock.nowMs() + waitMs;
  for (;;) {
    const position = feed.position();
    const endings = await findEndings(records, id);
    const leftMs = untilMs - clock.nowMs();
    if (endings.length >= count || leftMs <= 0) return endings;
    await feed.wait(position, leftMs);
  }
};
