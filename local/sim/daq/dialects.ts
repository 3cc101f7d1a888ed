/** What the DAQ says, in the words of its two senders; the shapes are those of the recorded streams. */
import { stfName } from '#lib/model/stf-name';
import type { StatePair } from '#schema/detector-state';
import type { Sim } from './faults.ts';

/** `runner`: the test bed's workflow runner. `daqsim`: its DAQ simulator. */
export type Dialect = 'runner' | 'daqsim';

type Common = { readonly run: number; readonly tickS: number; readonly atUs: number };

/** A message before it is put into words. Times are microseconds since 1970, by the DAQ's own clock. */
export type Saying = Common &
  (
    | { readonly type: 'run_imminent' | 'start_run' | 'pause_run' | 'resume_run'; readonly pair: StatePair }
    | { readonly type: 'end_run'; readonly totalStfs: number }
    | {
        readonly type: 'stf_gen';
        readonly pair: StatePair;
        readonly sequence: number;
        readonly spanUs: number;
        readonly sim: Sim;
      }
  );

/** A message as it goes out; undefined where the dialect has no such word. */
export type Words = { readonly destination: string; readonly body: Readonly<Record<string, unknown>> };

/** How each dialect says it. */
export const speak: Readonly<Record<Dialect, (saying: Saying) => Words | undefined>> = {
  runner: (saying) => ({ destination: '/topic/epictopic', body: runnerBody(saying) }),
  daqsim: (saying) => {
    const body = daqsimBody(saying);
    return body && { destination: 'epictopic', body };
  },
};

/** The first sequence number of a run. */
export const firstSequence: Readonly<Record<Dialect, number>> = { runner: 1, daqsim: 0 };

/** The name of an STF's file, as the dialect writes it. */
export const nameIn: Readonly<Record<Dialect, (run: number, sequence: number) => string>> = {
  runner: (run, sequence) => stfName({ run, sequence }),
  daqsim: (run, sequence) => `swf.${six(run)}.${six(sequence)}.stf`,
};

const six = (value: number): string => String(value).padStart(6, '0');

/** `2026-11-24T06:39:12.559428` */
const isoOf = (atUs: number): string =>
  new Date(Math.floor(atUs / 1000)).toISOString().replace('Z', String(atUs % 1000).padStart(3, '0'));
/** `20261124063912559428` */
const compactOf = (atUs: number): string => isoOf(atUs).replaceAll(/[-T:.]/g, '');
const secondsOf = (atUs: number): string => compactOf(atUs).slice(0, 14);

const runnerBody = (saying: Saying): Readonly<Record<string, unknown>> => ({
  msg_type: saying.type,
  namespace: 'papilio-sim',
  execution_id: `stf_datataking-papilio-sim-${saying.run}`,
  run_id: saying.run,
  ...(saying.type === 'stf_gen'
    ? { filename: nameIn.runner(saying.run, saying.sequence), sequence: saying.sequence }
    : {}),
  timestamp: isoOf(saying.atUs),
  simulation_tick: saying.tickS,
  ...(saying.type === 'end_run' ? { total_stf_files: saying.totalStfs } : saying.pair),
  ...(saying.type === 'pause_run' ? { reason: 'Brief standby period' } : {}),
  sender: 'daq_simulator-agent-papilio-sim',
  ...(saying.type === 'stf_gen' ? { sim: saying.sim } : {}),
});

const runConditions = {
  beam_energy: '5 GeV',
  magnetic_field: '1.5T',
  detector_config: 'physics',
  bunch_structure: '216x216',
};

const daqsimBody = (saying: Saying): Readonly<Record<string, unknown>> | undefined => {
  const { type: msg_type, run: run_id, atUs } = saying;
  const request = { req_id: 1 };
  switch (saying.type) {
    case 'run_imminent':
      return {
        msg_type,
        ...request,
        run_id,
        timestamp: secondsOf(atUs),
        dataset: `swf.${six(run_id)}.run`,
        run_conditions: runConditions,
      };
    case 'stf_gen':
      return {
        run_id,
        ...saying.pair,
        filename: nameIn.daqsim(run_id, saying.sequence),
        start: compactOf(atUs - saying.spanUs),
        end: compactOf(atUs),
        msg_type,
        ...request,
        sim: saying.sim,
      };
    case 'start_run':
    case 'end_run':
      return { msg_type, ...request, run_id, ts: secondsOf(atUs) };
    default:
      return undefined;
  }
};
