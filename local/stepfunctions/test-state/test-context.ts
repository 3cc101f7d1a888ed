import { isObject, type Json, type JsonObject, own } from '../json.ts';
import type { Subject } from './subject.ts';
import { invalid, objectOf } from './test-request.ts';

const problem = (text: string) => invalid(`Invalid Context object provided: ${text}`);

/** What each part of a given context object may hold; `any` is not looked into. */
const FIELDS: ReadonlyMap<string, ReadonlyMap<string, 'string' | 'number' | 'any'>> = new Map([
  [
    'Execution',
    new Map([
      ['Id', 'string'],
      ['Input', 'any'],
      ['Name', 'string'],
      ['RoleArn', 'string'],
      ['StartTime', 'string'],
      ['RedriveCount', 'number'],
      ['RedriveTime', 'string'],
    ]),
  ],
  [
    'State',
    new Map([
      ['EnteredTime', 'string'],
      ['Name', 'string'],
      ['RetryCount', 'number'],
    ]),
  ],
  [
    'StateMachine',
    new Map([
      ['Id', 'string'],
      ['Name', 'string'],
    ]),
  ],
  ['Task', new Map([['Token', 'string']])],
]);

const checkPart = (name: string, value: Json): void => {
  const allowed = FIELDS.get(name);
  if (!allowed) throw problem(`Field '${name}' is not allowed`);
  if (!isObject(value)) throw problem(`${name} must be an object`);
  for (const [field, inner] of Object.entries(value)) {
    const kind = allowed.get(field);
    if (kind === undefined) throw problem(`Field '${field}' is not allowed`);
    if (kind !== 'any' && typeof inner !== kind) throw problem(`${name}.${field} must be a ${kind}`);
  }
};

/** A context object as it was given. @throws ValidationException */
export const givenContext = (text: string, isAsynchronous: boolean): JsonObject => {
  const context = objectOf(text, 'Invalid Context object provided: it must be a JSON object');
  for (const [name, value] of Object.entries(context)) {
    if (name === 'Map') throw problem("'Map' field is not supported when mocking a Context object");
    checkPart(name, value);
  }
  if (own(context, 'Task') !== undefined && !isAsynchronous) {
    throw problem(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  }
  return context;
};

/** Whose the test run is. */
export type Home = {
  readonly executionArn: string;
  readonly executionName: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly roleArn: string | undefined;
  readonly startedAtMs: number;
};

const RETRIED = new Set(['Task', 'Parallel', 'Map']);

/** The context object of a test that gives none: an express execution of its own; in a Map, its first item. */
export const ownContext = (
  home: Home,
  subject: Subject,
  { input, retryCount, token }: { input: Json; retryCount: number; token: string | undefined },
): JsonObject => {
  const at = new Date(home.startedAtMs).toISOString();
  return {
    Execution: {
      Id: home.executionArn,
      Input: input,
      Name: home.executionName,
      RoleArn: home.roleArn ?? null,
      StartTime: at,
    },
    StateMachine: { Id: home.machineArn, Name: home.machineName },
    State: { Name: subject.name, EnteredTime: at, ...(RETRIED.has(subject.type) && { RetryCount: retryCount }) },
    ...(token !== undefined && { Task: { Token: token } }),
    ...(subject.isInMap && { Map: { Item: { Index: 0, Value: input } } }),
  };
};
