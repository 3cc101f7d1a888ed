import { seconds } from '../describe.ts';
import { arnOf, qualifiersIn } from '../identity.ts';
import { statusOf } from '../redrive/eligibility.ts';
import type { Execution } from '../registry.ts';

/** What StartExecution tells of an execution. */
export const started = (execution: Execution): object => ({
  executionArn: arnOf(execution.identity),
  startDate: seconds(execution.identity.startedAtMs),
});

/** When an execution has ended. */
export const stopped = (execution: Execution): object =>
  execution.stoppedAtMs === undefined ? {} : { stopDate: seconds(execution.stoppedAtMs) };

/** How often an execution was redriven; of one that begins anew each time AWS does not tell when. */
export const redriven = ({ redrives, share }: Execution): object => ({
  redriveCount: redrives?.count ?? 0,
  ...(redrives && !share?.run.isExpress && { redriveDate: seconds(redrives.atMs) }),
});

/** What lists and descriptions tell of an execution. */
export const summary = (execution: Execution): object => ({
  ...started(execution),
  stateMachineArn: execution.identity.home.machineArn,
  ...qualifiersIn(execution.identity.home),
  name: execution.identity.name,
  status: statusOf(execution),
  ...stopped(execution),
  ...redriven(execution),
});
