import { type Alternative, type Field, MAX_INT, type Shape } from './fields.ts';

const common: Readonly<Record<string, Field>> = {
  Type: { kind: 'string', isRequired: true },
  Comment: { kind: 'string' },
  QueryLanguage: { kind: 'enum', values: ['JSONPath', 'JSONata'] },
};

const ways: Readonly<Record<string, Field>> = { Next: { kind: 'string' }, End: { kind: 'boolean' } };

const selection: Readonly<Record<string, Field>> = {
  InputPath: { kind: 'path', only: 'JSONPath', isNullable: true },
  OutputPath: { kind: 'path', only: 'JSONPath', isNullable: true },
  Output: { kind: 'payload', only: 'JSONata' },
};

const assign: Readonly<Record<string, Field>> = { Assign: { kind: 'assignments' } };
const parameters: Readonly<Record<string, Field>> = { Parameters: { kind: 'payload', only: 'JSONPath' } };
const callArguments: Readonly<Record<string, Field>> = { Arguments: { kind: 'payload', only: 'JSONata' } };

const resultPath: Readonly<Record<string, Field>> = {
  ResultPath: { kind: 'referencePath', only: 'JSONPath', isNullable: true, isPlace: true },
};

const result: Readonly<Record<string, Field>> = {
  ResultSelector: { kind: 'payload', only: 'JSONPath' },
  ...resultPath,
};

const recovery: Readonly<Record<string, Field>> = {
  Retry: { kind: 'objects', part: 'Retrier' },
  Catch: { kind: 'objects', part: 'Catcher' },
};

const onward: Alternative = { of: ['Next', 'End'], isNeeded: true };
const either = (...of: readonly string[]): Alternative => ({ of, isNeeded: false });

/** A number of seconds that is given, or found by a path. */
const limit = (name: string): Readonly<Record<string, Field>> => ({
  [name]: { kind: 'integer', least: 1, most: MAX_INT, isComputed: true },
  [`${name}Path`]: { kind: 'referencePath', only: 'JSONPath' },
});

const task: Shape = {
  fields: {
    ...common,
    Resource: { kind: 'resource', isRequired: true },
    Credentials: { kind: 'object', part: 'Credentials' },
    ...selection,
    ...parameters,
    ...callArguments,
    ...result,
    ...assign,
    ...limit('TimeoutSeconds'),
    ...limit('HeartbeatSeconds'),
    ...recovery,
    ...ways,
  },
  alternatives: [
    onward,
    either('TimeoutSeconds', 'TimeoutSecondsPath'),
    either('HeartbeatSeconds', 'HeartbeatSecondsPath'),
  ],
};

const waitState: Shape = {
  fields: {
    ...common,
    ...selection,
    Seconds: { kind: 'integer', least: 0, most: MAX_INT, isComputed: true },
    SecondsPath: { kind: 'referencePath', only: 'JSONPath' },
    Timestamp: { kind: 'timestamp', isComputed: true },
    TimestampPath: { kind: 'referencePath', only: 'JSONPath' },
    ...assign,
    ...ways,
  },
  alternatives: [onward, { of: ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'], isNeeded: true }],
};

const tolerance: Readonly<Record<string, Field>> = {
  MaxConcurrency: { kind: 'integer', least: 0, most: MAX_INT, isComputed: true },
  MaxConcurrencyPath: { kind: 'referencePath', only: 'JSONPath' },
  ToleratedFailureCount: { kind: 'integer', least: 0, most: MAX_INT, isComputed: true },
  ToleratedFailureCountPath: { kind: 'referencePath', only: 'JSONPath' },
  ToleratedFailurePercentage: { kind: 'integer', least: 0, most: 100, isComputed: true },
  ToleratedFailurePercentagePath: { kind: 'referencePath', only: 'JSONPath' },
};

const map: Shape = {
  fields: {
    ...common,
    ItemProcessor: { kind: 'object', part: 'ItemProcessor' },
    Iterator: { kind: 'object', part: 'ItemProcessor' },
    ...selection,
    ItemsPath: { kind: 'referencePath', only: 'JSONPath' },
    Items: { kind: 'array', only: 'JSONata', isComputed: true },
    ItemSelector: { kind: 'payload' },
    ...parameters,
    ItemReader: { kind: 'object', part: 'ItemReader', isDistributed: true },
    ItemBatcher: { kind: 'object', part: 'ItemBatcher', isDistributed: true },
    ResultWriter: { kind: 'object', part: 'ResultWriter', isDistributed: true },
    Label: { kind: 'string', isDistributed: true },
    ...tolerance,
    ...result,
    ...assign,
    ...recovery,
    ...ways,
  },
  alternatives: [
    onward,
    { of: ['ItemProcessor', 'Iterator'], isNeeded: true },
    either('ItemSelector', 'Parameters'),
    either('MaxConcurrency', 'MaxConcurrencyPath'),
    either('ToleratedFailureCount', 'ToleratedFailureCountPath'),
    either('ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'),
  ],
};

/**
 * The fields of each type of state.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
 */
export const STATE_SHAPES: Readonly<Record<string, Shape>> = {
  Pass: {
    fields: {
      ...common,
      ...selection,
      Result: { kind: 'any', only: 'JSONPath' },
      ...parameters,
      ...resultPath,
      ...assign,
      ...ways,
    },
    alternatives: [onward],
  },
  Task: task,
  Choice: {
    fields: {
      ...common,
      ...selection,
      Choices: { kind: 'rules', isRequired: true, isFilled: true },
      Default: { kind: 'string' },
      ...assign,
    },
    alternatives: [],
  },
  Wait: waitState,
  Succeed: { fields: { ...common, ...selection }, alternatives: [] },
  Fail: {
    fields: {
      ...common,
      Error: { kind: 'string', isComputed: true },
      ErrorPath: { kind: 'pathOrIntrinsic', only: 'JSONPath' },
      Cause: { kind: 'string', isComputed: true },
      CausePath: { kind: 'pathOrIntrinsic', only: 'JSONPath' },
    },
    alternatives: [either('Error', 'ErrorPath'), either('Cause', 'CausePath')],
  },
  Parallel: {
    fields: {
      ...common,
      ...selection,
      ...parameters,
      ...callArguments,
      Branches: { kind: 'objects', part: 'Branch', isRequired: true, isFilled: true },
      ...result,
      ...assign,
      ...recovery,
      ...ways,
    },
    alternatives: [onward],
  },
  Map: map,
};
