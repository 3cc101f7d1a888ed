import { randomUUID } from 'node:crypto';
import { called, invoked, messageOf, sent } from '../answers.ts';
import type { Host } from '../host.ts';
import type { Identity } from '../identity.ts';
import { parseJson } from '../json.ts';
import type { Pending } from '../model.ts';
import { EXECUTION_OPERATIONS } from '../operations/executions.ts';
import type { Request } from '../request.ts';
import { type TaskFailure, thrownFailure } from '../resources/call-failure.ts';
import type { Stimulus } from '../stimulus.ts';
import type { Inspection } from './inspection.ts';
import { type MapTest, mapAnswer } from './map-test.ts';
import type { Mocked } from './test-request.ts';
import { MAX_TEST_MS, type Perform, type Test } from './test-run.ts';

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
  { watch, areSecretsShown }: Inspection,
): Promise<Stimulus> | undefined => {
  if (request?.type === 'invoke') {
    return invoked(host.context, request, { pending, invocationId: `test/${randomUUID()}`, signal });
  }
  if (request?.type === 'evaluate') {
    return host.evaluate(request, signal).then((answers) => ({ type: 'evaluated', pending, answers: [...answers] }));
  }
  if (request?.type === 'call') {
    const trace = { tell: watch, areSecretsShown };
    return called(host.context, request, { pending, invocationId: `test/${randomUUID()}`, signal, trace });
  }
  if (request?.type === 'send') return sent(host.context, request, pending);
  return request?.type === 'start' ? started(host, request, pending) : undefined;
};

const failureOf = (request: Request | undefined, thrown: unknown): TaskFailure => {
  if (request?.type === 'send') return thrownFailure('sqs', thrown, randomUUID());
  if (request?.type === 'start') return thrownFailure('sfn', thrown, randomUUID());
  const error = request?.type === 'invoke' ? 'Lambda.SdkClientException' : 'States.TaskFailed';
  return { error, cause: messageOf(thrown) };
};

/** Has work done for real, as long as the timeouts of the state and the test's own let it. */
const reallyDone = async (
  host: Host,
  { startedAtMs }: Identity,
  pending: Pending,
  inspection: Inspection,
): Promise<Stimulus> => {
  const { id, request, dueAtMs } = pending;
  const giveUp = new AbortController();
  const late = Promise.withResolvers<Stimulus>();
  const forget = host.context.clock.at(Math.min(dueAtMs, startedAtMs + MAX_TEST_MS + 1), () => {
    late.resolve({ type: 'timer', pending: id });
    giveUp.abort();
  });
  const done = work(host, request, id, giveUp.signal, inspection) ?? late.promise;
  const failed = (error: unknown): Stimulus => ({
    type: 'failed',
    pending: id,
    ...failureOf(request, error),
  });
  return Promise.race([done.catch(failed), late.promise]).finally(forget);
};

const mockAnswer = (mocked: Mocked, pending: number): Stimulus =>
  mocked.error === undefined
    ? { type: 'answered', pending, output: mocked.result }
    : { type: 'refused', pending, error: mocked.error, cause: mocked.cause };

/** What comes of the work that a tested state wants done: its mock, or for lack of one the real thing. */
export const performing =
  (host: Host, { identity, mocked, inspection }: Omit<Test, 'perform'>, map: Omit<MapTest, 'mocked'>): Perform =>
  async (pending, run) => {
    const { id, request } = pending;
    const answer = (): Stimulus | Promise<Stimulus> => {
      if (request?.type === 'findActivity') return { type: 'succeeded', pending: id, output: null };
      if (!mocked || request?.type === 'evaluate') return reallyDone(host, identity, pending, inspection);
      if (request?.type !== 'mapRun') return mockAnswer(mocked, id);
      return mapAnswer(host, { run, pending: id, request, watch: inspection.watch }, { mocked, ...map });
    };
    return { stimulus: await answer(), atMs: host.context.clock.nowMs() };
  };
