/**
 * Reads a workflow configuration of the experiment's test bed and says what its DAQ simulator would play: no beam, beam,
 * ready, physics with standby between its periods, and back. Times are those of the recorded streams, to a tenth of a second.
 */
import { dirname, join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { noStfs, type Phase } from './phase.ts';
import { ScheduleError } from './schedule-error.ts';

const seconds = z.number().min(0).max(1e7);
const above0 = seconds.refine((value) => value > 0, 'a time above 0');

/** The numbers that make the schedule; a workflow's own tables override those of the files it includes. */
const Settings = z.object({
  no_beam_not_ready_delay: seconds.default(5),
  beam_not_ready_delay: seconds.default(5),
  beam_ready_delay: seconds.default(2),
  beam_not_ready_end_delay: seconds.default(5),
  broadcast_delay: seconds.default(1),
  stf_interval: above0.default(2),
  stf_generation_time: seconds.default(0.1),
  physics_period_duration: above0.default(10),
  physics_period_count: z
    .int()
    .min(1, '0 means without end, and a schedule has one: give a count')
    .max(10_000)
    .default(2),
  standby_duration: seconds.default(2),
  stf_count: z.int().min(1).max(1_000_000).optional(),
});
type Settings = z.infer<typeof Settings>;

const Includes = z.object({ workflow: z.object({ includes: z.array(z.string()).max(20).default([]) }).optional() });
const Table = z.record(z.string(), z.unknown());

/** What the simulator needs for every message and after every STF. */
const stepS = 0.1;
const tenth = (value: number): number => Math.round(value * 10) / 10;

type Read = (path: string) => string;

/** Reads a workflow with the files that it includes, which lie beside it. @throws ScheduleError */
export const readWorkflow = (path: string, read: Read): Phase[] => {
  const parsed = Settings.safeParse(settingsIn(path, read, []));
  if (parsed.success) return phasesOf(parsed.data);
  const [issue] = parsed.error.issues;
  throw new ScheduleError(`${path}: ${issue?.path.join('.')}: ${issue?.message}`);
};

/** All keys of all tables, those of included files first. */
const settingsIn = (path: string, read: Read, above: readonly string[]): Record<string, unknown> => {
  if (above.includes(path)) throw new ScheduleError(`${path}: it includes itself, by ${above.join(', ')}`);
  const tables = tablesOf(path, read(path));
  const includes = Includes.safeParse(tables);
  if (!includes.success) throw new ScheduleError(`${path}: workflow.includes: a list of file names`);
  const settings: Record<string, unknown> = {};
  for (const name of includes.data.workflow?.includes ?? [])
    Object.assign(settings, settingsIn(join(dirname(path), name), read, [...above, path]));
  for (const table of Object.values(tables)) Object.assign(settings, Table.safeParse(table).data);
  return settings;
};

const tablesOf = (path: string, text: string): Record<string, unknown> => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [problem = ''] = error.message.split('\n');
    throw new ScheduleError(`${path}:${error.line}: ${problem}`);
  }
};

const phasesOf = (settings: Settings): Phase[] => {
  const { broadcast_delay: broadcastS, physics_period_count: periods } = settings;
  const quiet = (state: 'no_beam' | 'beam', substate: 'not_ready' | 'ready', durationS: number): Phase => ({
    state,
    substate,
    durationS: tenth(durationS),
    stfs: noStfs,
  });
  const standby: Phase = {
    state: 'run',
    substate: 'standby',
    durationS: tenth(broadcastS + settings.standby_duration + stepS),
    stfs: noStfs,
  };
  const counts = countsOf(settings).slice(0, periods);
  return [
    quiet('no_beam', 'not_ready', settings.no_beam_not_ready_delay),
    quiet('beam', 'not_ready', broadcastS + settings.beam_not_ready_delay),
    quiet('beam', 'ready', settings.beam_ready_delay + stepS),
    ...counts.flatMap((count, at) => [...(at === 0 ? [] : [standby]), physicsOf(settings, count)]),
    quiet('beam', 'not_ready', settings.beam_not_ready_end_delay),
    quiet('no_beam', 'not_ready', settings.no_beam_not_ready_delay),
  ];
};

const everyOf = ({ stf_interval: intervalS, stf_generation_time: generationS }: Settings): number =>
  intervalS + generationS + stepS;

/** STFs of each period: as many as begin in its time, or together the number that was asked for. */
const countsOf = (settings: Settings): number[] => {
  const { physics_period_count: periods, physics_period_duration: durationS, stf_count: asked } = settings;
  if (asked === undefined)
    return Array.from({ length: periods }, () => Math.ceil(tenth(durationS) / everyOf(settings)));
  const each = Math.ceil(asked / periods);
  return Array.from({ length: Math.ceil(asked / each) }, (_, at) => Math.min(each, asked - at * each));
};

const physicsOf = (settings: Settings, count: number): Phase => {
  const firstS = settings.broadcast_delay + settings.stf_generation_time;
  const everyS = everyOf(settings);
  return {
    state: 'run',
    substate: 'physics',
    durationS: tenth(firstS + count * everyS),
    stfs: { count, firstS, everyS },
  };
};
