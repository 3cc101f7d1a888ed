import { aStatesPart, functionArn, machineOf, type TestStates } from './a-states-part.ts';

/** Step Functions with an execution that waits for an answer to its token. */
export type WaitingStates = TestStates & { readonly arn: string; readonly taskToken: string };

/** Starts a task that waits for its token; its heart has to beat every ten seconds. */
export async function waitingForToken(): Promise<WaitingStates> {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: functionArn('ask'), 'Payload.$': '$$.Task.Token' },
        HeartbeatSeconds: 10,
        End: true,
      },
    }),
  );
  return { ...states, arn, taskToken: String(states.invocations[0]?.payload) };
}

const forged = (text: string): string => Buffer.from(text).toString('base64url');

/** What is no token of a task that waits, and how it is refused. */
export const NO_TOKENS: readonly (readonly [
  what: string,
  taskToken: string | undefined,
  code: string,
  message?: string,
])[] = [
  ['nothing', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['a text of more than 2048 characters', 'x'.repeat(2049), 'ValidationException'],
  ['any text', 'token', 'InvalidToken', "Invalid Token: 'Invalid token'"],
  ['a proof that is not ours', forged('1.3.proof'), 'InvalidToken', "Invalid Token: 'Invalid token'"],
  [
    'an execution that is not there',
    forged('9.3.proof'),
    'TaskDoesNotExist',
    "Task Does Not Exist: 'Provided task does not exist'",
  ],
];

/** What becomes of the answer to a task that has ended. */
export const TOO_LATE = { code: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" };
