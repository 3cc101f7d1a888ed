import { type Field, MAX_INT, type Shape } from './fields.ts';
import { STATE_SHAPES } from './state-shapes.ts';

/** What has states: required in AWS's order. */
const states: Readonly<Record<string, Field>> = {
  States: { kind: 'states', isRequired: true },
  StartAt: { kind: 'string', isRequired: true },
  Comment: { kind: 'string' },
};

const seconds = (least: number, most: number): Field => ({ kind: 'integer', least, most });

const retrier: Shape = {
  fields: {
    ErrorEquals: { kind: 'strings', isRequired: true, isFilled: true },
    IntervalSeconds: seconds(0, MAX_INT),
    MaxAttempts: { kind: 'integer', least: 0, most: MAX_INT },
    BackoffRate: { kind: 'number', least: 1, most: MAX_INT },
    MaxDelaySeconds: seconds(1, 31_622_400),
    JitterStrategy: { kind: 'enum', values: ['NONE', 'FULL'] },
    Comment: { kind: 'string' },
  },
  alternatives: [],
};

const catcher: Shape = {
  fields: {
    ErrorEquals: { kind: 'strings', isRequired: true, isFilled: true },
    Next: { kind: 'string', isRequired: true },
    ResultPath: { kind: 'referencePath', only: 'JSONPath', isNullable: true, isPlace: true },
    Output: { kind: 'payload', only: 'JSONata' },
    Assign: { kind: 'assignments' },
    Comment: { kind: 'string' },
  },
  alternatives: [],
};

const request: Readonly<Record<string, Field>> = {
  Parameters: { kind: 'payload', only: 'JSONPath' },
  Arguments: { kind: 'payload', only: 'JSONata' },
};

const readerConfig: Shape = {
  fields: {
    InputType: { kind: 'enum', values: ['MANIFEST', 'JSON', 'CSV', 'JSONL', 'PARQUET'] },
    ManifestType: { kind: 'enum', values: ['S3_INVENTORY', 'ATHENA_DATA'] },
    Transformation: { kind: 'enum', values: ['NONE', 'LOAD_AND_FLATTEN'] },
    CSVHeaderLocation: { kind: 'enum', values: ['FIRST_ROW', 'GIVEN'] },
    CSVHeaders: { kind: 'strings', isFilled: true },
    CSVDelimiter: { kind: 'enum', values: ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'] },
    ItemsPointer: { kind: 'string' },
    MaxItems: { kind: 'integer', least: 1, most: 100_000_000, isComputed: true },
    MaxItemsPath: { kind: 'referencePath', only: 'JSONPath' },
  },
  alternatives: [{ of: ['MaxItems', 'MaxItemsPath'], isNeeded: false }],
};

const batcher: Shape = {
  fields: {
    BatchInput: { kind: 'payload' },
    MaxItemsPerBatch: { kind: 'integer', least: 1, most: MAX_INT, isComputed: true },
    MaxItemsPerBatchPath: { kind: 'referencePath', only: 'JSONPath' },
    MaxInputBytesPerBatch: { kind: 'integer', least: 1, most: 262_144, isComputed: true },
    MaxInputBytesPerBatchPath: { kind: 'referencePath', only: 'JSONPath' },
  },
  alternatives: [
    { of: ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'], isNeeded: false },
    { of: ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'], isNeeded: false },
  ],
};

/** The state machine and the parts of states that have fields of their own. */
const PART_SHAPES: Readonly<Record<string, Shape>> = {
  StateMachine: {
    fields: {
      ...states,
      Version: { kind: 'enum', values: ['1.0'] },
      TimeoutSeconds: seconds(1, MAX_INT),
      QueryLanguage: { kind: 'enum', values: ['JSONPath', 'JSONata'] },
    },
    alternatives: [],
  },
  Branch: { fields: states, alternatives: [] },
  ItemProcessor: {
    fields: { ...states, ProcessorConfig: { kind: 'object', part: 'ProcessorConfig' } },
    alternatives: [],
  },
  ProcessorConfig: {
    fields: {
      Mode: { kind: 'enum', values: ['INLINE', 'DISTRIBUTED'] },
      ExecutionType: { kind: 'enum', values: ['STANDARD', 'EXPRESS'], isDistributed: true },
    },
    alternatives: [],
  },
  Retrier: retrier,
  Catcher: catcher,
  Credentials: {
    fields: {
      RoleArn: { kind: 'string', isComputed: true },
      'RoleArn.$': { kind: 'pathOrIntrinsic', only: 'JSONPath' },
    },
    alternatives: [{ of: ['RoleArn', 'RoleArn.$'], isNeeded: false }],
  },
  ItemReader: {
    fields: {
      Resource: { kind: 'string', isRequired: true },
      ...request,
      ReaderConfig: { kind: 'object', part: 'ReaderConfig' },
    },
    alternatives: [],
  },
  ReaderConfig: readerConfig,
  ItemBatcher: batcher,
  ResultWriter: {
    fields: {
      Resource: { kind: 'string' },
      ...request,
      WriterConfig: { kind: 'object', part: 'WriterConfig' },
    },
    alternatives: [],
  },
  WriterConfig: {
    fields: {
      Transformation: { kind: 'enum', values: ['NONE', 'COMPACT', 'FLATTEN'], isRequired: true },
      OutputType: { kind: 'enum', values: ['JSON', 'JSONL'], isRequired: true },
    },
    alternatives: [],
  },
  ChoiceRule: {
    fields: {
      Next: { kind: 'string', isRequired: true },
      Comment: { kind: 'string' },
      Variable: { kind: 'referencePath', only: 'JSONPath' },
      And: { kind: 'rules', only: 'JSONPath', isFilled: true },
      Or: { kind: 'rules', only: 'JSONPath', isFilled: true },
      Not: { kind: 'rules', only: 'JSONPath' },
      Condition: { kind: 'condition', only: 'JSONata' },
      Assign: { kind: 'assignments' },
      Output: { kind: 'payload', only: 'JSONata' },
    },
    alternatives: [],
  },
};

/** Every kind of object in the language; the validator and the reference page are made from it. */
export const SHAPES: Readonly<Record<string, Shape>> = { ...PART_SHAPES, ...STATE_SHAPES };
