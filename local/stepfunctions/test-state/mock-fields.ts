import { isObject, type Json, own } from '../json.ts';
import { invalid, type TestRequest } from './test-request.ts';

type Field = {
  readonly type: 'string' | 'number' | 'object';
  readonly isRequired?: true;
  readonly values?: readonly string[];
};

const text: Field = { type: 'string' };
const needed: Field = { type: 'string', isRequired: true };
const details: Field = { type: 'object' };

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] as const;

/** Results of the services by Resource, as their API models have them; `.sync` is asked for by what polls it. */
const SHAPES: readonly (readonly [resource: RegExp, fields: Readonly<Record<string, Field>>])[] = [
  [
    /:states:::lambda:invoke$/,
    { StatusCode: { type: 'number' }, FunctionError: text, LogResult: text, ExecutedVersion: text },
  ],
  [
    /:states:::sqs:sendMessage$/,
    {
      MD5OfMessageBody: text,
      MD5OfMessageAttributes: text,
      MD5OfMessageSystemAttributes: text,
      MessageId: text,
      SequenceNumber: text,
    },
  ],
  [
    /:states:::dynamodb:(get|put|update|delete)Item$/,
    { Item: details, Attributes: details, ConsumedCapacity: details, ItemCollectionMetrics: details },
  ],
  [/:states:::sns:publish$/, { MessageId: text, SequenceNumber: text }],
  [/:states:::events:putEvents$/, { FailedEntryCount: { type: 'number' } }],
  [/:states:::states:startExecution$/, { ExecutionArn: needed, StartDate: needed }],
  [
    /:states:::states:startExecution\.sync(:2)?$/,
    {
      ExecutionArn: needed,
      StateMachineArn: needed,
      Status: { type: 'string', isRequired: true, values: STATUSES },
      StartDate: needed,
      StopDate: text,
      Name: text,
      Error: text,
      Cause: text,
      InputDetails: details,
      OutputDetails: details,
    },
  ],
];

const problem = (said: string) => invalid(`Mock result schema validation error: ${said}`);

const article = (type: Field['type']): string => (type === 'object' ? 'an object' : `a ${type}`);

const checkField = (name: string, value: Json | undefined, field: Field, isStrict: boolean): void => {
  if (value === undefined) {
    if (isStrict && field.isRequired) throw problem(`Required field '${name}' is missing`);
    return;
  }
  const isOfType = field.type === 'object' ? isObject(value) : typeof value === field.type;
  if (!isOfType) throw problem(`Field '${name}' must be ${article(field.type)}`);
  if (field.values && typeof value === 'string' && !field.values.includes(value)) {
    throw problem(`Field '${name}' is not an expected value`);
  }
};

/** How strictly a mocked result is looked at. */
export type MockMode = NonNullable<NonNullable<TestRequest['mock']>['fieldValidationMode']>;

/** Compares a mocked result with its service's API model; fields that the model does not know are not looked at. @throws ValidationException */
export const checkMockFields = (resource: Json | undefined, result: Json, mode: MockMode): void => {
  const fields = SHAPES.find(([pattern]) => typeof resource === 'string' && pattern.test(resource))?.[1];
  if (fields === undefined || mode === 'NONE' || result === null) return;
  if (!isObject(result)) throw problem('the result must be a JSON object');
  for (const [name, field] of Object.entries(fields)) {
    checkField(name, own(result, name), field, mode === 'STRICT');
  }
};
