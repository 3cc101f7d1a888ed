import { randomUUID } from 'node:crypto';
import { invoked, messageOf, sent, serviceError } from '../answers.ts';
import type { Host } from '../host.ts';
import type { Identity } from '../identity.ts';
import { parseJson } from '../json.ts';
import type { Pending } from '../model.ts';
import { EXECUTION_OPERATIONS } from '../operations/executions.ts';
import type { Request } from '../request.ts';
import type { Stimulus } from '../stimulus.ts';
import { MAX_TEST_MS, type Test } from './test-run.ts';

const SERVICES = new Map([
  ['invoke', 'Lambda'],
  ['send', 'SQS'],
]);

type Start = Extract<Request, { type: 'start' }>;

/** Starts a real execution, which goes on when the test is over. */
const started = async (host: Host, { machineArn, input, name }: Start, pending: number): Promise<Stimulus> => {
  const answer = await EXECUTION_OPERATIONS.StartExecution?.(host, { stateMachineArn: machineArn, input, name });
  const { executionArn, startDate } = { executionArn: undefined, startDate: undefined, ...answer };
  const output = parseJson(JSON.stringify({ ExecutionArn: executionArn, StartDate: startDate })) ?? null;
  return { type: 'succeeded', pending, output };
};

/** Undefined for what no single state can be tested with. */
const work = (
  host: Host,
  request: Request | undefined,
  pending: number,
  signal: AbortSignal,
): Promise<Stimulus> | undefined => {
  if (request?.type === 'invoke') {
    return invoked(host.context, request, { pending, invocationId: `test/${randomUUID()}`, signal });
  }
  if (request?.type === 'evaluate') {
    return host.evaluate(request, signal).then((answers) => ({ type: 'evaluated', pending, answers: [...answers] }));
  }
  if (request?.type === 'send') return sent(host.context, request, pending);
  return request?.type === 'start' ? started(host, request, pending) : undefined;
};

/** Has the work of a tested task done for real, as long as its timeouts and the test's own let it. */
export const performing =
  (host: Host, { startedAtMs }: Identity): Test['perform'] =>
  async ({ id, request, dueAtMs }: Pending) => {
    const { clock } = host.context;
    const giveUp = new AbortController();
    const late = Promise.withResolvers<Stimulus>();
    const forget = clock.at(Math.min(dueAtMs, startedAtMs + MAX_TEST_MS + 1), () => {
      late.resolve({ type: 'timer', pending: id });
      giveUp.abort();
    });
    const done = work(host, request, id, giveUp.signal) ?? late.promise;
    const failed = (error: unknown): Stimulus => ({
      type: 'failed',
      pending: id,
      error: serviceError(SERVICES.get(request?.type ?? '') ?? 'StepFunctions', error),
      cause: messageOf(error),
    });
    const stimulus = await Promise.race([done.catch(failed), late.promise]).finally(forget);
    return { stimulus, atMs: clock.nowMs() };
  };
