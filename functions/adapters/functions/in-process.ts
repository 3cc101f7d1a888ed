import { callbackHeaders, failureText, statusOfFailure } from '#lib/callback';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { CallOptions, Functions } from '#ports/functions';
import { failureOf, resultOf } from './failure.ts';
import { callbackOf, callIdOf, checkName, inputText } from './names.ts';

/** A function of this process, as Lambda would call it. */
export type OwnFunction = {
  readonly handler: (event: unknown, context: object) => Promise<unknown>;
  readonly timeoutS: number;
};

/** What is posted to whoever wants to know what came of a call. */
export type Callback = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** The functions of a process, and how callbacks leave it; without `tell` they are refused. */
export type OwnFunctions = {
  readonly functions: () => Promise<ReadonlyMap<string, OwnFunction>>;
  readonly clock: Clock;
  readonly tell?: (url: URL, callback: Callback) => Promise<void>;
  /** Calls handed over that have not ended: another is refused until one has. */
  readonly mostSent?: number;
};

/** A call that is ready to be made: everything about it was checked. */
type Ready = { readonly name: string; readonly own: OwnFunction; readonly text: string; readonly callId: string };

/** Functions of this process. What was handed over is in memory only: it goes with the process. */
export const createInProcessFunctions = ({ functions, clock, tell, mostSent = 1_000 }: OwnFunctions): Functions => {
  let sent = 0;

  const ready = async (name: string, input: unknown, options: CallOptions): Promise<Ready> => {
    const own = (await functions()).get(checkName(name));
    if (own === undefined) throw new PapilioError('record-missing', `function ${name}`);
    return { name, own, text: inputText(name, input), callId: callIdOf(options) };
  };

  const run = async ({ name, own, text, callId }: Ready): Promise<string> => {
    try {
      const result = await runWithin(own, JSON.parse(text), { name, callId, clock });
      return JSON.stringify(result) ?? '';
    } catch (thrown) {
      throw thrown instanceof PapilioError ? thrown : failureOf(name, failureText(thrown));
    }
  };

  const runAndTell = async (call: Ready, url: URL | undefined): Promise<void> => {
    const beganMs = clock.nowMs();
    const { status, body } = await run(call).then(
      (text) => ({ status: 200, body: text }),
      (error) => ({ status: statusOfFailure(error), body: failureText(error) }),
    );
    const { callId, name } = call;
    const headers = callbackHeaders({ callId, name, status, durationS: (clock.nowMs() - beganMs) / 1000 });
    if (url !== undefined) await tell?.(url, { headers, body });
  };

  return {
    call: async (name, input, options = {}) => resultOf(name, await run(await ready(name, input, options))),
    send: async (name, input, options = {}) => {
      const { callbackUrl } = options;
      const url = callbackUrl === undefined ? undefined : callbackOf(callbackUrl);
      if (url !== undefined && tell === undefined)
        throw new PapilioError('input-invalid', `function ${name}: nothing sends callbacks here`);
      const call = await ready(name, input, options);
      if (sent >= mostSent)
        throw new PapilioError('plane-unavailable', `function ${name}: ${sent} calls are waiting for their end`);
      sent += 1;
      // Who cannot be told is not told: the function itself has said in the log how it ended.
      runAndTell(call, url)
        .catch(() => undefined)
        .finally(() => {
          sent -= 1;
        });
      return call.callId;
    },
    list: async () => [...(await functions()).keys()].sort(),
  };
};

type Run = { readonly name: string; readonly callId: string; readonly clock: Clock };

/** Waits for a handler at most as long as it may run; then it is left behind, as Lambda leaves its sandbox behind. */
const runWithin = (
  { handler, timeoutS }: OwnFunction,
  input: unknown,
  { name, callId, clock }: Run,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const endsAtMs = clock.nowMs() + timeoutS * 1000;
    const late = `RequestId: ${callId} Error: Task timed out after ${timeoutS.toFixed(2)} seconds`;
    const cancel = clock.at(endsAtMs, () =>
      reject(failureOf(name, JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: late }))),
    );
    const context = {
      functionName: name,
      functionVersion: '$LATEST',
      awsRequestId: callId,
      getRemainingTimeInMillis: () => Math.max(0, endsAtMs - clock.nowMs()),
    };
    handler(input, context).then(resolve, reject).finally(cancel);
  });
