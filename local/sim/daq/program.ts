/** What a scenario will do, told before it is done. */
import { firstSequence, nameIn } from './dialects.ts';
import type { Fault } from './faults.ts';
import { durationS, type RunPlan } from './run-frames.ts';
import { play, type Request } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const faultOf = (plan: RunPlan, run: number, sequence: number, fault: Fault) => ({
  stf: nameIn[plan.dialect](run, sequence),
  ...fault,
});

const runOf = (plan: RunPlan, run: number, first: number = firstSequence[plan.dialect]) => ({
  run,
  dialect: plan.dialect,
  durationS: durationS(plan.phases),
  stfs: plan.phases.reduce((sum, { stfs }) => sum + stfs.count, 0),
  phases: plan.phases.map(({ state, substate, durationS, stfs }) => ({ state, substate, durationS, stfs: stfs.count })),
  faults: Object.entries(plan.faults ?? {}).map(([place, fault]) =>
    faultOf(plan, run, first + Number(place) - 1, fault),
  ),
  ...(plan.clockJump === undefined ? {} : { clockJump: plan.clockJump }),
});

/** A scenario's runs, phases, STFs and faults. @throws ScheduleError */
export const programOf = (request: Request) => {
  const { plans, frames } = play(request);
  return {
    scenario: request.scenario,
    seed: request.seed,
    startedAt: request.startedAt.toISOString(),
    messages: frames.length,
    durationS: Math.max(0, ...frames.map(({ tick }) => tick)),
    ...scenarios[request.scenario]?.disturbance,
    runs: plans.map((plan, at) => runOf(plan, request.firstRun + at, request.firstSequence)),
  };
};
type Program = ReturnType<typeof programOf>;
type Run = Program['runs'][number];

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const faultLine = (fault: Run['faults'][number]): string => {
  const tfs = 'tf' in fault ? ` in its TF ${fault.tf}` : 'tfs' in fault ? `, its TFs ${fault.tfs.join(', ')}` : '';
  return `  ${fault.stf}: ${fault.kind}${tfs}`;
};

const runLines = ({ run, dialect, durationS, stfs, phases, faults, clockJump }: Run): string[] => [
  `run ${run}, dialect ${dialect}: ${durationS} s, ${stfs} STFs`,
  ...phases.map(
    ({ state, substate, durationS, stfs }) =>
      `  ${`${state}/${substate}`.padEnd(18)} ${`${durationS} s`.padStart(8)} ${String(stfs).padStart(6)} STFs`,
  ),
  ...faults.map(faultLine),
  ...(clockJump === undefined
    ? []
    : [`  STFs ${clockJump.first} to before ${clockJump.end} of the run: clock wrong by ${clockJump.byS} s`]),
];

/** The same for a person. */
export const programLines = (program: Program): string[] => {
  const { scenario, seed, messages, durationS, duplicates, reordered, lost, poison, runs } = program;
  const shares = { duplicates, reordered, 'lost and redelivered': lost, poison };
  const disturbed = Object.entries(shares).flatMap(([what, share]) => (share ? [`${percent(share)} ${what}`] : []));
  return [
    `${scenario}, seed ${seed}: ${messages} messages in ${durationS} s`,
    ...(disturbed.length === 0 ? [] : [`on the way: ${disturbed.join(', ')}`]),
    ...runs.flatMap(runLines),
  ];
};
