import { runtimeFailure } from '../failure.ts';
import { arnOf } from '../identity.ts';
import { isObject, type Json, own, parseJson } from '../json.ts';
import type { Thread, Turn } from '../model.ts';
import { seededUuid } from '../random.ts';
import type { Request } from '../request.ts';
import type { IntegrationType } from './integration.ts';
import { parametersOf } from './parameters.ts';
import { sdkAnswer } from './sdk-answer.ts';

const AWAITS = new Map<string, 'start' | 'end' | 'token'>([
  ['', 'start'],
  ['.sync', 'end'],
  ['.sync:2', 'end'],
  ['.waitForTaskToken', 'token'],
]);
const COMPLETIONS = { start: 'result', end: 'child', token: 'token' } as const;

const startRequest = (turn: Turn, payload: Json, awaits: 'start' | 'end' | 'token'): Request => {
  const fields = parametersOf('states:startExecution', payload);
  const machineArn = own(fields, 'StateMachineArn');
  const name = own(fields, 'Name');
  if (typeof machineArn !== 'string') throw runtimeFailure("The field 'StateMachineArn' is required but was missing");
  // A name of our own must be the same when the start is repeated after a crash.
  const derived = seededUuid(
    `child/${arnOf(turn.run.identity)}/${turn.run.identity.startedAtMs}/${turn.run.eventCount + 1}`,
  );
  return {
    type: 'start',
    machineArn,
    input: JSON.stringify(own(fields, 'Input') ?? {}),
    name: typeof name === 'string' ? name : derived,
    awaits,
  };
};

/** `.sync` gives Input and Output as text, `.sync:2` as values. */
const parsedFields = (output: Json): Json => {
  if (!isObject(output)) return output;
  const parsed: Record<string, Json> = { ...output };
  for (const field of ['Input', 'Output']) {
    const text = own(output, field);
    if (typeof text === 'string') parsed[field] = parseJson(text) ?? text;
  }
  return parsed;
};

/** `states:startExecution`: fire and forget, by token, or waiting for the child execution's end. */
export const startExecution: IntegrationType = {
  pattern: /^arn:[^:]+:states:::states:(startExecution(\.sync:2|\.sync|\.waitForTaskToken)?)$/,
  compile: (_definition, match) => {
    const awaits = AWAITS.get(match[2] ?? '') ?? 'start';
    const isParsed = match[2] === '.sync:2';
    return {
      events: { resourceType: 'states', resource: match[1] ?? 'startExecution' },
      completion: COMPLETIONS[awaits],
      request: (turn: Turn, _thread: Thread, payload: Json) => startRequest(turn, payload, awaits),
      result: (turn, thread, output) => {
        if (isObject(output) && own(output, 'Status') !== undefined) return isParsed ? parsedFields(output) : output;
        return sdkAnswer(turn, thread, isObject(output) ? output : {});
      },
    };
  },
};
