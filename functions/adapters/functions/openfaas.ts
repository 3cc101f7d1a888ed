import { claimText } from '#lib/claim';
import { PapilioError } from '#lib/errors';
import type { Functions, SendOptions } from '#ports/functions';
import type { Objects } from '#ports/objects';
import { resultOf } from './failure.ts';
import { callbackOf, callIdOf, checkName, inputText } from './names.ts';
import { openOpenFaasAdmin } from './openfaas-admin.ts';
import { answerOf, authorizationOf, type GatewayAccess, gatewayUrl, readAnswer } from './openfaas-wire.ts';
import { brokenLine, insist, within } from './tries.ts';

/**
 * What goes to a gateway as it is: as much as Lambda takes for a call that is waited for. The queue of the others is NATS,
 * whose messages have 1 MiB and hold the input as base64 beside all headers.
 */
const limitBytes = { function: 6_291_456, 'async-function': 700_000 } as const;
/** Node's fetch gives up an answer whose head has not come in 300 s, and that would look like a broken line. */
const longestRunMs = 295_000;

/** How to reach a gateway's functions. */
export type OpenFaasAccess = GatewayAccess & {
  /** Where inputs over the limit go; the function reads them there. */
  readonly objects: Objects;
  readonly answerWithinMs?: number;
};

type Door = keyof typeof limitBytes;
type Invocation = { readonly name: string; readonly input: unknown; readonly options: SendOptions };

/** Functions behind an OpenFaaS gateway, or what speaks its interface. */
export const createOpenFaasFunctions = (access: OpenFaasAccess): Functions => {
  const { objects, patience, namespace, answerWithinMs = longestRunMs } = access;
  const admin = openOpenFaasAdmin(access);

  const invoke = async (door: Door, { name, input, options }: Invocation) => {
    const what = `function ${checkName(name)}`;
    const callId = callIdOf(options);
    const callback =
      options.callbackUrl === undefined ? {} : { 'x-callback-url': callbackOf(options.callbackUrl).href };
    const text = inputText(name, input);
    const body = Buffer.byteLength(text) > limitBytes[door] ? await claimText(what, text, objects) : text;
    const place = namespace === undefined ? name : `${name}.${checkName(namespace)}`;
    const url = gatewayUrl(access, `${door}/${place}`);
    const { isRepeatable = true } = options;
    // Each try is the same call: by its id a function knows that it was called before.
    const headers = { 'content-type': 'application/json', 'x-call-id': callId, ...callback };
    const answer = await insist(access.patience, { what, isRepeatable }, () =>
      within(patience.clock, answerWithinMs, what, async (signal) => {
        try {
          const authorization = await authorizationOf(access);
          const sent = {
            method: 'POST',
            redirect: 'manual',
            headers: { ...headers, ...authorization },
            body,
            signal,
          } as const;
          return answerOf(name, await readAnswer(what, await fetch(url, sent)));
        } catch (thrown) {
          signal.throwIfAborted();
          if (thrown instanceof PapilioError) throw thrown;
          return brokenLine(thrown);
        }
      }),
    );
    return { answer, callId };
  };

  return {
    call: async (name, input, options = {}) => {
      const { answer } = await invoke('function', { name, input, options });
      return resultOf(name, answer.text);
    },
    send: async (name, input, options = {}) => {
      const { answer, callId } = await invoke('async-function', { name, input, options });
      if (answer.status === 202) return callId;
      throw new PapilioError('bug', `function ${name}: the gateway took an asynchronous call by ${answer.status}`);
    },
    list: async () => (await admin.list()).map(({ name }) => name).sort(),
  };
};
