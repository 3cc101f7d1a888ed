import {
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  type LambdaClientConfig,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { claimText } from '#lib/claim';
import { PapilioError } from '#lib/errors';
import type { CallOptions, Functions } from '#ports/functions';
import type { Objects } from '#ports/objects';
import { failureOf, resultOf } from './failure.ts';
import { lambdaErrorOf } from './lambda-errors.ts';
import { callIdOf, checkName, inputText } from './names.ts';
import { insist, type Patience, within } from './tries.ts';

/** What Invoke takes: 6 MB for a call that is waited for, 1 MB for one that is not. */
const limitBytes = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;
/** Lambda's longest run, and what its answer takes to come. */
const longestRunMs = 910_000;

type Invocation = {
  readonly name: string;
  readonly input: unknown;
  readonly type: 'RequestResponse' | 'Event';
  readonly options: CallOptions;
};

/** How to reach Lambda and what its functions are called there. */
export type LambdaAccess = {
  readonly aws: LambdaClientConfig;
  /** Where inputs over the limit go; the function reads them there. */
  readonly objects: Objects;
  readonly patience: Patience;
  /** What stands before a function's name at AWS, such as `papilio-prod-bnl-`. */
  readonly prefix?: string;
  readonly answerWithinMs?: number;
};

/** Functions on Lambda, or on what speaks its Invoke API. Each try is ours; the client makes none of its own. */
export const createLambdaFunctions = (access: LambdaAccess): Functions => {
  const { aws, objects, patience, prefix = '', answerWithinMs = longestRunMs } = access;
  const client = new LambdaClient({ ...aws, maxAttempts: 1 });

  const invoke = async ({ name, input, type, options }: Invocation): Promise<InvokeCommandOutput> => {
    const what = `function ${checkName(name)}`;
    const callId = callIdOf(options);
    const text = inputText(name, input);
    const sent = Buffer.byteLength(text) > limitBytes[type] ? await claimText(what, text, objects) : text;
    const parameters = { FunctionName: `${prefix}${name}`, InvocationType: type, Payload: Buffer.from(sent) };
    const { isRepeatable = true } = options;
    return insist(patience, { what, isRepeatable }, () =>
      within(patience.clock, answerWithinMs, what, async (abortSignal) => {
        try {
          return { value: await client.send(named(new InvokeCommand(parameters), callId), { abortSignal }) };
        } catch (thrown) {
          abortSignal.throwIfAborted();
          return lambdaErrorOf(what, thrown);
        }
      }),
    );
  };

  return {
    call: async (name, input, options = {}) => {
      const { Payload, FunctionError } = await invoke({ name, input, type: 'RequestResponse', options });
      const text = Buffer.from(Payload ?? []).toString('utf8');
      if (FunctionError !== undefined) throw failureOf(name, text);
      return resultOf(name, text);
    },
    send: async (name, input, options = {}) => {
      if (options.callbackUrl !== undefined) throw noCallback(name);
      const { $metadata } = await invoke({ name, input, type: 'Event', options });
      return $metadata.requestId ?? 'unknown';
    },
    list: () =>
      insist(patience, { what: 'list of functions', isRepeatable: true }, async () => {
        try {
          return { value: await listed(client, prefix) };
        } catch (thrown) {
          return lambdaErrorOf('list of functions', thrown);
        }
      }),
  };
};

/**
 * Names a call in a header that papilio's own host takes for the request id, so that a function knows a repeat. AWS passes it
 * over: there the request id is AWS's.
 */
const named = (command: InvokeCommand, callId: string): InvokeCommand => {
  command.middlewareStack.add(
    (next) => (call) => {
      const { request } = call;
      if (
        typeof request === 'object' &&
        request !== null &&
        'headers' in request &&
        typeof request.headers === 'object'
      )
        Object.assign(request.headers ?? {}, { 'x-amzn-invocation-id': callId });
      return next(call);
    },
    { step: 'build' },
  );
  return command;
};

const listed = async (client: LambdaClient, prefix: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const { Functions: page = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '' } of page) {
      if (FunctionName.startsWith(prefix)) names.push(FunctionName.slice(prefix.length));
    }
  }
  return names.sort();
};

const noCallback = (name: string): PapilioError =>
  new PapilioError('input-invalid', `function ${name}: Lambda tells its own destinations of an end, never an address`);
