/** Turns a scenario's name, or a schedule's path, into the lines of a recording: pure but for reading the schedule. */
import * as z from 'zod';
import { readDaqBody } from '#schema/daq-dialects';
import { demoRecording } from './demo.ts';
import type { Dialect } from './dialects.ts';
import { disturb } from './disturb.ts';
import { spread } from './phase.ts';
import { durationS, framesOf, type RunPlan, type SimFrame } from './run-frames.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { readSchedule } from './schedule.ts';
import { ScheduleError } from './schedule-error.ts';

/** What is asked of a scenario. The same request always gives the same lines. */
export type Request = {
  /** A name of `scenarioNames`, or a path ending in `.yml`, `.yaml` or `.toml`. */
  readonly scenario: string;
  readonly seed: number;
  /** The number of its first run; further runs count up from there. */
  readonly firstRun: number;
  /** Sequence of the first STF of each run; each dialect has its own. */
  readonly firstSequence?: number | undefined;
  readonly startedAt: Date;
  /** Seconds from one STF to the next; each scenario has its own. */
  readonly intervalS?: number | undefined;
  /** Another dialect than the scenario's own. */
  readonly dialect?: Dialect | undefined;
};

/** What will be played. */
export type Played = { readonly plans: readonly RunPlan[]; readonly frames: readonly SimFrame[] };

/** Between a run's end and the next run's announcement: one sender stamps whole seconds. */
const gapS = 1;

const demoAbout = 'a short run with a pause: what npm start plays';

/** All scenarios with a line about each. */
export const scenarioNames: readonly { readonly name: string; readonly about: string }[] = [
  { name: 'demo', about: demoAbout },
  ...Object.entries(scenarios).map(([name, { about }]) => ({ name, about })),
];

/** STFs of the demo. */
const demoStfs = 12;

const demoOf = ({ firstRun, startedAt, firstSequence = 1 }: Request): string[] =>
  demoRecording(
    firstRun,
    startedAt,
    Array.from({ length: demoStfs }, (_, at) => firstSequence + at),
  );

/** Plays a scenario on paper. @throws ScheduleError */
export const play = (request: Request): Played => {
  if (request.scenario === 'demo') return { plans: [], frames: demoOf(request).map(frameIn) };
  const scenario = scenarios[request.scenario];
  const plans = scenario === undefined ? [planOf(request)] : plansOf(scenario, request);
  const frames: SimFrame[] = [];
  let tickS = 0;
  for (const [at, plan] of plans.entries()) {
    const { seed, startedAt, firstSequence } = request;
    const start = { run: request.firstRun + at, seed, tickS, startedAt, firstSequence };
    for (const frame of framesOf(plan, start)) frames.push(frame);
    tickS += durationS(plan.phases) + gapS;
  }
  const { disturbance } = scenario ?? {};
  return {
    plans,
    frames: disturbance === undefined ? frames : disturb(frames, { ...disturbance, seed: request.seed }),
  };
};

const Line = z.object({ destination: z.string(), tick: z.number(), body: z.record(z.string(), z.unknown()) });
const frameIn = (line: string): SimFrame => {
  const { body, ...where } = Line.parse(JSON.parse(line));
  return { ...where, body: JSON.stringify(body) };
};

/** The lines of a scenario's recording. @throws ScheduleError */
export const recordingOf = (request: Request): string[] =>
  request.scenario === 'demo' ? demoOf(request) : play(request).frames.map(lineOf);

/** What can be read stands as an object, for people; what cannot, as the text that it is. */
const lineOf = ({ destination, tick, body }: SimFrame): string => {
  const text = readDaqBody(body).dialect === 'unknown' ? JSON.stringify(body) : body;
  return `{"destination":${JSON.stringify(destination)},"tick":${tick},"body":${text}}`;
};

const plansOf = (scenario: Scenario, { intervalS = scenario.intervalS, dialect }: Request): RunPlan[] =>
  scenario.stretches.map(({ spans, ...stretch }) => ({
    ...stretch,
    dialect: dialect ?? stretch.dialect,
    phases: spans.map((span) => spread(span, intervalS)),
  }));

const planOf = ({ scenario, intervalS, dialect }: Request): RunPlan => {
  if (!/\.(ya?ml|toml)$/.test(scenario)) {
    const names = scenarioNames.map(({ name }) => name).join(', ');
    throw new ScheduleError(`there is no scenario ${scenario}: take one of ${names}, or a .yml or .toml file`);
  }
  const schedule = readSchedule(scenario, intervalS);
  return { dialect: dialect ?? schedule.dialect, phases: schedule.phases };
};
