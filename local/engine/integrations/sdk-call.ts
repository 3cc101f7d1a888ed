import type { CallService, ServiceAnswer } from '../../stepfunctions/host.ts';
import { isObject, type Json, type JsonObject } from '../../stepfunctions/json.ts';
import { seededUuid } from '../../stepfunctions/random.ts';
import { AwsError } from '../part.ts';
import { isReadable, TooLarge, textOf, tooLarge } from './body-text.ts';
import type { Sdk } from './sdk-clients.ts';
import { sdkFailure } from './sdk-failure.ts';
import { actionShapes, fromSdk, type Shape, sdkName, toSdk } from './sdk-schema.ts';

/** An answer whose streams, such as an object's body, have been read to their ends as text. */
const readOut = async (shape: Shape, answer: object): Promise<object> => {
  if (shape.kind !== 'structure') return answer;
  const entries = Object.entries(answer).map(async ([name, value]) =>
    shape.members.get(name)?.shape().kind === 'stream' && isReadable(value)
      ? ([name, await textOf(value)] as const)
      : ([name, value] as const),
  );
  return Object.fromEntries(await Promise.all(entries));
};

/** A repeat after a restart has the token of the first time. */
const tokensOf = (shape: Shape, token: string): object => {
  const members = shape.kind === 'structure' ? [...shape.members] : [];
  return Object.fromEntries(members.flatMap(([name, { isToken }]) => (isToken ? [[name, token]] : [])));
};

const parametersOf = (input: Json): JsonObject => (isObject(input) ? input : {});

/** Has actions done by a service's client, which is opened when it is first needed. */
export const callSdk = (open: () => Promise<Sdk>): CallService => {
  let opened: Promise<Sdk> | undefined;
  return async ({ service, action, input, invocationId, signal, isSdk }): Promise<ServiceAnswer> => {
    opened ??= open();
    const sdk = await opened;
    const shapes = actionShapes(sdk.action(action));
    const token = seededUuid(invocationId);
    try {
      const parameters = toSdk(shapes.input, parametersOf(input));
      const given = { ...tokensOf(shapes.input, token), ...Object(parameters) };
      const answer = await sdk.client.send(sdk.command(action, given), { abortSignal: signal });
      const named = isSdk ? sdkName : (member: string) => member;
      return { ok: true, output: fromSdk(shapes.output, await readOut(shapes.output, answer), named) };
    } catch (error) {
      if (error instanceof TooLarge) return tooLarge(service);
      // The engine itself cannot write now: asked again later, which is no fault of the execution.
      if (error instanceof AwsError) throw error;
      return sdkFailure(error, sdk, action, token);
    }
  };
};
