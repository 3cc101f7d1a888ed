import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { jsonSize, parseJson } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { Execution } from '../registry.ts';
import { taskToken } from '../turn.ts';
import { type Operation, operation } from './operation.ts';

const ByToken = z.object({ taskToken: z.string().min(1).max(2048) });

/** The wait that a token is the key to. */
type Waiting = { readonly execution: Execution; readonly pending: number };

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const waitingOf = (host: Host, token: string): Waiting => {
  const match = /^(\d{1,15})\.(\d{1,9})\.[\w-]+$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (!match) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  const execution = host.registry.execution(Number(match[1]));
  const pending = Number(match[2]);
  if (!execution) throw new AwsError('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
  if (!isSame(taskToken(host.registry.secret, execution.identity, pending), token)) {
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
  if (execution.run?.pending.get(pending)?.pending?.reason !== 'task') {
    throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  }
  return { execution, pending };
};

const sendTaskSuccess = operation(
  ByToken.extend({ output: z.string().max(MAX_DATA_BYTES) }),
  async (host, { taskToken: token, output }) => {
    const value = parseJson(output);
    if (value === undefined) throw new AwsError('InvalidOutput', 'Invalid Output: it is not valid JSON');
    if (jsonSize(value, MAX_DATA_BYTES) > MAX_DATA_BYTES) {
      throw new AwsError('InvalidOutput', `Invalid Output: it exceeds ${MAX_DATA_BYTES} bytes`);
    }
    const { execution, pending } = waitingOf(host, token);
    await host.play(execution, { type: 'answered', pending, output: value });
    return {};
  },
);

const sendTaskFailure = operation(
  ByToken.extend({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
  async (host, { taskToken: token, error, cause }) => {
    const { execution, pending } = waitingOf(host, token);
    await host.play(execution, { type: 'refused', pending, error, cause });
    return {};
  },
);

const sendTaskHeartbeat = operation(ByToken, async (host, { taskToken: token }) => {
  const { execution, pending } = waitingOf(host, token);
  await host.play(execution, { type: 'heartbeat', pending });
  return {};
});

/** The operations by which the outside world answers a task. */
export const TOKEN_OPERATIONS: Readonly<Record<string, Operation>> = {
  SendTaskSuccess: sendTaskSuccess,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
};
