import { StateFailure } from '../failure.ts';
import { isObject, type Json, type JsonObject, own } from '../json.ts';
import type { Request } from '../request.ts';
import type { IntegrationType } from './integration.ts';
import { sdkAnswer } from './sdk-answer.ts';

type Invoke = Extract<Request, { type: 'invoke' }>;

const NAME_RULE =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';
const namePattern = new RegExp(`^${NAME_RULE}$`);
const QUALIFIER_RULE = '(|[a-zA-Z0-9$_-]+)';
const qualifierPattern = new RegExp(`^${QUALIFIER_RULE}$`);

const TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;
const LOGS = ['None', 'Tail'] as const;

/** A value that Lambda's API refuses before anything runs: to a state machine an error with the service's name alone. */
const refused = (value: Json, field: string, rule: string): StateFailure =>
  new StateFailure(
    'Lambda.AWSLambdaException',
    `1 validation error detected: Value '${typeof value === 'string' ? value : JSON.stringify(value)}' at '${field}' failed to satisfy constraint: ${rule}`,
  );

const oneOf = <T extends string>(parameters: JsonObject, field: string, member: string, known: readonly T[]) => {
  const value = own(parameters, field);
  const found = known.find((text) => text === value);
  if (value !== undefined && found === undefined) {
    throw refused(value, member, `Member must satisfy enum value set: [${known.join(', ')}]`);
  }
  return found;
};

/** The bare name and the qualifier in a name, a partial or a whole ARN. */
const named = (text: string): { name: string; qualifier: string | undefined } => {
  const match = namePattern.exec(text);
  if (!match) throw refused(text, 'functionName', `Member must satisfy regular expression pattern: ${NAME_RULE}`);
  return { name: match[7] ?? text, qualifier: match[9] };
};

const qualifierOf = (parameters: JsonObject, inName: string | undefined): string | undefined => {
  const given = own(parameters, 'Qualifier');
  if (given === undefined) return inName;
  if (typeof given !== 'string' || !qualifierPattern.test(given)) {
    throw refused(given, 'qualifier', `Member must satisfy regular expression pattern: ${QUALIFIER_RULE}`);
  }
  if (inName !== undefined && inName !== given) {
    const reason = 'The derived qualifier from the function name does not match the specified qualifier.';
    throw new StateFailure('Lambda.InvalidParameterValueException', reason);
  }
  return given;
};

/** What `lambda:invoke` asks for. @throws StateFailure */
export const invocationOf = (payload: Json, awaitsToken: boolean): Invoke => {
  const text = isObject(payload) ? own(payload, 'FunctionName') : undefined;
  if (typeof text !== 'string' || !isObject(payload)) {
    throw new StateFailure('States.Runtime', "The field 'FunctionName' is required but was missing", true);
  }
  const { name, qualifier } = named(text);
  const context = own(payload, 'ClientContext');
  return {
    type: 'invoke',
    functionName: name,
    payload: own(payload, 'Payload') ?? {},
    awaitsToken,
    qualifier: qualifierOf(payload, qualifier),
    invocationType: oneOf(payload, 'InvocationType', 'invocationType', TYPES),
    clientContext: typeof context === 'string' ? context : undefined,
    logType: oneOf(payload, 'LogType', 'logType', LOGS),
  };
};

/** Lambda's envelope. An old journal has nothing but the result in it: what ran then was the only version. */
const answerOf = (output: Json, envelope: Json | undefined): JsonObject => {
  const said = isObject(envelope) ? envelope : {};
  if (own(said, 'StatusCode') !== undefined) return { Payload: '', ...said };
  return { ExecutedVersion: '$LATEST', ...said, Payload: output, StatusCode: 200 };
};

/** A function by its own ARN: the whole input goes in, the bare result comes out. */
export const lambdaFunction: IntegrationType = {
  pattern: /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?$/,
  compile: (_definition, match) => ({
    events: 'LambdaFunction',
    completion: 'result',
    request: (_turn, _thread, payload) => ({
      type: 'invoke',
      functionName: match[1] ?? '',
      payload,
      awaitsToken: false,
      qualifier: match[2],
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
      request: (_turn, _thread, payload) => invocationOf(payload, awaitsToken),
      result: (turn, thread, output, envelope) => sdkAnswer(turn, thread, answerOf(output, envelope)),
    };
  },
};
