import { StateFailure } from './failure.ts';
import { type Json, type JsonObject, jsonSize } from './json.ts';
import { MAX_DATA_BYTES } from './limits.ts';
import type { Thread, Turn, Variable } from './model.ts';

/** AWS's limit on all variables of an execution. */
const MAX_VARIABLE_BYTES = 10_485_760;
const MAX_NAME_CHARS = 80;
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

/** What is wrong with a variable's name; `undefined` for a good one. */
export const nameProblem = (name: string): string | undefined => {
  if (name === 'states') return "The variable name 'states' is reserved";
  if (name.length > MAX_NAME_CHARS) return `A variable name must not exceed ${MAX_NAME_CHARS} characters`;
  return NAME.test(name) ? undefined : `'${name}' is not a valid variable name`;
};

/** A variable of the thread's scope or of one around it. */
export const variableOf = (thread: Thread, name: string): Json | undefined => {
  for (let each: Thread | undefined = thread; each; each = each.parent) {
    const variable = each.variables?.get(name);
    if (variable) return variable.value;
  }
  return undefined;
};

const refused = (reason: string): StateFailure => new StateFailure('States.DataLimitExceeded', reason, true);

/** Sets variables of the thread's scope, all at once. */
export const assign = (turn: Turn, thread: Thread, values: JsonObject): void => {
  const variables = new Map<string, Variable>(thread.variables);
  let assignedBytes = 0;
  let totalBytes = turn.run.variableBytes;
  for (const [name, value] of Object.entries(values)) {
    const sizeBytes = jsonSize(value, MAX_DATA_BYTES);
    assignedBytes += sizeBytes;
    totalBytes += sizeBytes - (variables.get(name)?.sizeBytes ?? 0);
    variables.set(name, { value, sizeBytes });
  }
  if (assignedBytes > MAX_DATA_BYTES) {
    throw refused(`The Assign field of '${thread.state.name}' exceeds the maximum of ${MAX_DATA_BYTES} bytes.`);
  }
  if (totalBytes > MAX_VARIABLE_BYTES) {
    throw refused(`The variables of the execution exceed the maximum of ${MAX_VARIABLE_BYTES} bytes.`);
  }
  thread.variables = variables;
  turn.assigned = values;
  turn.run.variableBytes = totalBytes;
};
