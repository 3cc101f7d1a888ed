import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { badAttribute } from './errors.ts';

/** Largest message and batch, in bytes. */
export const maxMessageBytes = 262_144;

const RedrivePolicy = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});
/** Where messages go that were received too often. */
export type RedrivePolicy = z.infer<typeof RedrivePolicy>;

const AllowPolicy = z.object({
  redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']),
  sourceQueueArns: z.array(z.string()).max(10).optional(),
});

/** A queue's attributes, read. */
export type Settings = {
  readonly visibilityS: number;
  readonly delayS: number;
  readonly maxBytes: number;
  readonly retentionS: number;
  readonly waitS: number;
  readonly redrive: RedrivePolicy | undefined;
  readonly allow: z.infer<typeof AllowPolicy> | undefined;
  readonly isContentDeduplicated: boolean;
  readonly isDeduplicatedByGroup: boolean;
};

/** Attributes that every queue has. */
export const defaultAttributes: Readonly<Record<string, string>> = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: String(maxMessageBytes),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

/** Attributes that a FIFO queue has besides. */
export const defaultFifoAttributes: Readonly<Record<string, string>> = {
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

const between = (least: number, most: number) => (value: string) =>
  /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);
const isBoolean = oneOf('true', 'false');
const parsesAs = (schema: z.ZodType) => (value: string) => value === '' || readJson(schema, value) !== undefined;
const anything = () => true;

/** Which values each attribute takes, and whether only FIFO queues have it. */
const rules: Readonly<Record<string, { readonly takes: (value: string) => boolean; readonly isFifoOnly?: true }>> = {
  VisibilityTimeout: { takes: between(0, 43_200) },
  DelaySeconds: { takes: between(0, 900) },
  MaximumMessageSize: { takes: between(1024, maxMessageBytes) },
  MessageRetentionPeriod: { takes: between(60, 1_209_600) },
  ReceiveMessageWaitTimeSeconds: { takes: between(0, 20) },
  RedrivePolicy: { takes: parsesAs(RedrivePolicy) },
  RedriveAllowPolicy: { takes: parsesAs(AllowPolicy) },
  Policy: { takes: parsesAs(z.record(z.string(), z.unknown())) },
  KmsMasterKeyId: { takes: anything },
  KmsDataKeyReusePeriodSeconds: { takes: between(60, 86_400) },
  SqsManagedSseEnabled: { takes: isBoolean },
  FifoQueue: { takes: isBoolean },
  ContentBasedDeduplication: { takes: isBoolean, isFifoOnly: true },
  DeduplicationScope: { takes: oneOf('queue', 'messageGroup'), isFifoOnly: true },
  FifoThroughputLimit: { takes: oneOf('perQueue', 'perMessageGroupId'), isFifoOnly: true },
};

/** @throws AwsError InvalidAttributeName or InvalidAttributeValue */
export function checkAttributes(attributes: Readonly<Record<string, string>>, isFifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined || (rule.isFifoOnly && !isFifo)) {
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
    if (!rule.takes(value)) throw badAttribute(name);
  }
  if ((attributes.FifoQueue === 'true') !== isFifo && attributes.FifoQueue !== undefined)
    throw badAttribute('FifoQueue');
}

/** Reads a queue's attributes, which were checked before. */
export function settingsOf(given: Readonly<Record<string, string>>): Settings {
  const attributes = { ...defaultAttributes, ...given };
  const number = (name: string) => Number(attributes[name]);
  return {
    visibilityS: number('VisibilityTimeout'),
    delayS: number('DelaySeconds'),
    maxBytes: number('MaximumMessageSize'),
    retentionS: number('MessageRetentionPeriod'),
    waitS: number('ReceiveMessageWaitTimeSeconds'),
    redrive: readJson(RedrivePolicy, attributes.RedrivePolicy),
    allow: readJson(AllowPolicy, attributes.RedriveAllowPolicy),
    isContentDeduplicated: attributes.ContentBasedDeduplication === 'true',
    isDeduplicatedByGroup: attributes.DeduplicationScope === 'messageGroup',
  };
}

/** Joins changed attributes with the old ones; an empty value takes one away. */
export function mergedAttributes(
  before: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== ''));
}

/** Whether two values of an attribute mean the same: policies are compared as JSON. */
export function isSameValue(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  const read = (value: string | undefined) => readJson(z.record(z.string(), z.unknown()), value);
  const [left, right] = [read(one), read(other)];
  return left !== undefined && right !== undefined && sorted(left) === sorted(right);
}

function sorted(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readJson<S extends z.ZodType>(schema: S, text: string | undefined): z.output<S> | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
