import type { Command } from '#schema/command';
import type { Drain, Facility, FacilityAct } from '#schema/facility';

/** Acts that a record remembers; the commands have all. */
const actsKept = 20;

type Told = Pick<Command, 'id' | 'by' | 'why' | 'at'>;

const acted = ({ acts = [] }: Facility, act: FacilityAct['act'], { id: commandId, by, why, at }: Told): FacilityAct[] =>
  [...acts, { commandId, act, by, why, at }].slice(-actsKept);

/** Whether a command led to a facility's state already: a later one may have changed it again since. */
export const wasDone = ({ acts = [] }: Facility, commandId: string): boolean =>
  acts.some((act) => act.commandId === commandId);

/** A facility that gets no more work, until somebody resumes it or `untilAt`. A second drain takes the place of the first. */
export const drained = (facility: Facility, told: Told, untilAt: string | undefined): Facility => {
  const { by, why, at } = told;
  const drain: Drain = { by, why, sinceAt: at, ...(untilAt === undefined ? {} : { untilAt }) };
  return { ...facility, drain, acts: acted(facility, 'drain', told) };
};

/** The same facility with work again. */
export const resumed = (facility: Facility, told: Told): Facility => {
  const { drain: _, ...rest } = facility;
  return { ...rest, acts: acted(facility, 'resume', told) };
};

/** Whether a drain has come to its own end. */
export const isOver = ({ drain }: Facility, now: string): boolean =>
  drain?.untilAt !== undefined && Date.parse(drain.untilAt) <= Date.parse(now);
