import { aStatesPart, machineOf, type TestStates } from './a-states-part.ts';

/** The activity of the tests. */
export const activityArn = 'arn:aws:states:us-east-1:111111111111:activity:work';

/** What a worker is told. */
export type Told = { readonly taskToken?: string | undefined; readonly input?: string };

/** A machine of one Task that is the activity's. */
export const aTaskOf = (fields: object = {}): object =>
  machineOf({ Work: { Type: 'Task', Resource: activityArn, End: true, ...fields } });

/** Step Functions with workers. */
export type TestWorkers = TestStates & {
  /** Asks for work under a name; `signal` says that the worker has gone. */
  readonly ask: (workerName?: string, signal?: AbortSignal) => Promise<Told>;
  readonly succeed: (told: Told, output?: unknown) => Promise<unknown>;
};

/** Step Functions with the activity of the tests, or what a journal holds. */
export async function withActivity(given: Parameters<typeof aStatesPart>[0] = {}): Promise<TestWorkers> {
  const states = aStatesPart(given);
  if (given.isResumed !== false) await states.call('CreateActivity', { name: 'work' });
  return {
    ...states,
    ask: (workerName, signal) => {
      const run = states.part.operations.GetActivityTask;
      if (!run) throw new Error('there is no GetActivityTask');
      return run({ activityArn, ...(workerName !== undefined && { workerName }) }, signal);
    },
    succeed: ({ taskToken }, output = null) =>
      states.call('SendTaskSuccess', { taskToken, output: JSON.stringify(output) }),
  };
}

/** What is no activity's ARN, and how it is refused. */
export const NO_ACTIVITY_ARNS: readonly (readonly [arn: string | undefined, code: string])[] = [
  [undefined, 'ValidationException'],
  ['', 'ValidationException'],
  ['work', 'InvalidArn'],
  [`${activityArn}${'x'.repeat(256)}`, 'ValidationException'],
  [`${activityArn}:1`, 'InvalidArn'],
  ['arn:aws:states:us-east-1:111111111111:stateMachine:work', 'InvalidArn'],
  ['arn:aws:sqs:us-east-1:111111111111:activity:work', 'InvalidArn'],
];
