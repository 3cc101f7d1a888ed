import { runtimeFailure, StateFailure } from '../failure.ts';
import { excerpt, isObject, type Json, type JsonObject, jsonSize, own } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import { CALLS } from './calls.ts';

const refused = (payload: Json, said: string): Error =>
  runtimeFailure(`The Parameters '${excerpt(payload)}' could not be used to start the Task: [${said}]`);

/** A value that is not too large to be sent to a service. @throws States.DataLimitExceeded */
const sendable = <T extends Json>(value: T): T => {
  if (jsonSize(value, MAX_DATA_BYTES) <= MAX_DATA_BYTES) return value;
  const cause = 'What the task sends has a size exceeding the maximum number of bytes service limit.';
  throw new StateFailure('States.DataLimitExceeded', cause);
};

/** The parameters of a call; of one with a shape of its own, if it has all that it needs and nothing else. @throws States.Runtime */
export const parametersOf = (call: string, payload: Json): JsonObject => {
  if (!isObject(payload)) throw refused(payload, 'They are no JSON object');
  sendable(payload);
  const shape = CALLS.get(call);
  if (shape === undefined) return payload;
  const { needs, takes } = shape;
  const missing = needs.find((name) => own(payload, name) === undefined);
  if (missing !== undefined) throw refused(payload, `The field '${missing}' is required but was missing`);
  const unknown = Object.keys(payload).find((name) => !takes.includes(name));
  if (unknown !== undefined) throw refused(payload, `The field "${unknown}" is not supported by Step Functions`);
  return payload;
};

/** The parameters with a field that is a value as its JSON text. */
export const withText = (parameters: JsonObject, name: string): JsonObject => {
  const value = own(parameters, name);
  if (value === undefined || value === null || typeof value === 'string') return parameters;
  return { ...parameters, [name]: JSON.stringify(value) };
};
