import { StateFailure } from '../failure.ts';
import { isObject, type Json, own } from '../json.ts';
import type { IntegrationType } from './integration.ts';
import { sdkAnswer } from './sdk-answer.ts';

/** The bare name in a function's name, partial or full ARN, with or without a qualifier. */
const functionName = (text: string): string => /(?:^|:)function:([^:]+)/.exec(text)?.[1] ?? text.split(':')[0] ?? text;

const parametersOf = (payload: Json): { name: string; body: Json } => {
  const name = isObject(payload) ? own(payload, 'FunctionName') : undefined;
  if (typeof name !== 'string' || !isObject(payload)) {
    throw new StateFailure('States.Runtime', "The field 'FunctionName' is required but was missing", true);
  }
  return { name: functionName(name), body: own(payload, 'Payload') ?? {} };
};

/** A function by its own ARN: the whole input goes in, the bare result comes out. */
export const lambdaFunction: IntegrationType = {
  pattern: /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::[^:]+)?$/,
  compile: (_definition, match) => ({
    events: 'LambdaFunction',
    completion: 'result',
    request: (_turn, _thread, payload) => ({
      type: 'invoke',
      functionName: match[1] ?? '',
      payload,
      awaitsToken: false,
    }),
    result: (_turn, _thread, output) => output,
  }),
};

/** `lambda:invoke`: FunctionName and Payload are parameters, the result comes in Lambda's envelope. */
export const lambdaInvoke: IntegrationType = {
  pattern: /^arn:[^:]+:states:::lambda:(invoke(\.waitForTaskToken)?)$/,
  compile: (definition, match) => {
    const parameters = definition.object('Parameters');
    if (!definition.isJsonata && !parameters?.has('FunctionName') && !parameters?.has('FunctionName.$')) {
      definition.problem('Parameters', "The field 'FunctionName' is required but was missing");
    }
    const awaitsToken = match[2] !== undefined;
    return {
      events: { resourceType: 'lambda', resource: match[1] ?? 'invoke' },
      completion: awaitsToken ? 'token' : 'result',
      request: (_turn, _thread, payload) => {
        const { name, body } = parametersOf(payload);
        return { type: 'invoke', functionName: name, payload: body, awaitsToken };
      },
      result: (turn, thread, output) =>
        sdkAnswer(turn, thread, { ExecutedVersion: '$LATEST', Payload: output, StatusCode: 200 }),
    };
  },
};
