import { readFile } from 'node:fs/promises';
import { parse as parseToml } from 'smol-toml';
import * as z from 'zod';
import type { NamedUse } from '../engine/http/connections.ts';
import { fromArn, fromUrl } from '../sqs/names.ts';
import { parseJson } from '../stepfunctions/json.ts';
import { JsonValue } from '../stepfunctions/stimulus.ts';
import { compilePattern } from './event-pattern.ts';
import { compileFilter } from './filter-policy.ts';
import { compileTransformer, InvalidTransformer } from './input-transformer.ts';
import { InvalidPattern } from './value-matchers.ts';

/** A text that has to be something, with what it has to be. */
const read = <T>(what: string, reading: (text: string) => T | undefined) =>
  z.string().transform((text, context) => {
    const found = reading(text);
    if (found !== undefined) return found;
    context.addIssue(`${text} is not ${what}`);
    return z.NEVER;
  });

/** What a compiler makes of a field, or why it cannot. */
const compiled = <T>(context: z.RefinementCtx, make: () => T, ...path: readonly string[]): T => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InvalidPattern || error instanceof InvalidTransformer)) throw error;
    context.addIssue({ code: 'custom', message: error.message, path: [...path] });
    return z.NEVER;
  }
};

/** A pattern may be written as a table, or as the JSON text that AWS shows. */
const Pattern = JsonValue.transform((value) => (typeof value === 'string' ? (parseJson(value) ?? value) : value));

const Queue = read('the ARN or URL of a queue', (text) => fromArn(text) ?? fromUrl(text));

/** A queue of this engine, or of a peer. */
export type Queue = z.infer<typeof Queue>;

const isFifo = ({ name }: Queue): boolean => name.endsWith('.fifo');

const WebUrl = read('an http or https URL', (text) =>
  /^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined,
);

const RetryPolicy = z
  .strictObject({
    MaximumRetryAttempts: z.int().min(0).max(185).default(185),
    MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
  })
  .default({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 });

/** How often and for how long a delivery is tried. */
export type RetryPolicy = z.infer<typeof RetryPolicy>;

const SubscriptionFields = {
  RawMessageDelivery: z.boolean().default(false),
  FilterPolicy: Pattern.optional(),
  FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']).default('MessageAttributes'),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: Queue }).optional(),
  RetryPolicy,
};

const Subscription = z
  .discriminatedUnion('Protocol', [
    z.strictObject({ Protocol: z.literal('sqs'), Endpoint: Queue, ...SubscriptionFields }),
    z.strictObject({ Protocol: z.enum(['http', 'https']), Endpoint: WebUrl, ...SubscriptionFields }),
  ])
  .transform(({ FilterPolicy, FilterPolicyScope, ...subscription }, context) => {
    const wants = compiled(context, () => compileFilter(FilterPolicy, FilterPolicyScope), 'FilterPolicy');
    return { ...subscription, wants };
  });

/** Who is told of what is published to a topic. */
export type Subscription = z.infer<typeof Subscription>;

const Topic = z
  .strictObject({
    TopicName: z.string().regex(/^[A-Za-z0-9_-]{1,251}(\.fifo)?$/, 'is no name of a topic'),
    ContentBasedDeduplication: z.boolean().default(false),
    Subscriptions: z.array(Subscription).default([]),
  })
  .refine(
    ({ TopicName, Subscriptions }) =>
      !TopicName.endsWith('.fifo') || Subscriptions.every(({ Protocol }) => Protocol === 'sqs'),
    'a FIFO topic tells queues alone',
  )
  .refine(
    ({ TopicName, Subscriptions }) =>
      TopicName.endsWith('.fifo') || !Subscriptions.some((one) => one.Protocol === 'sqs' && isFifo(one.Endpoint)),
    'a FIFO queue is told by FIFO topics alone',
  );

/** A topic and its subscriptions. */
export type Topic = z.infer<typeof Topic>;

const machineArn = /^arn:[^:]+:states:[^:]*:\d{12}:stateMachine:[^:]+(:[^:]+)?$/;

const Arn = read('the ARN of a queue or a state machine', (text) => {
  const queue = fromArn(text);
  if (queue) return { kind: 'queue' as const, queue };
  return machineArn.test(text) ? { kind: 'machine' as const, arn: text } : undefined;
});

const Texts = z.record(z.string(), z.string()).default({});

const Target = z
  .strictObject({
    Id: z.string().min(1),
    Arn: Arn.optional(),
    Endpoint: WebUrl.optional(),
    HttpMethod: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']).default('POST'),
    ConnectionArn: z.string().optional(),
    HttpParameters: z
      .strictObject({ HeaderParameters: Texts, QueryStringParameters: Texts })
      .default({ HeaderParameters: {}, QueryStringParameters: {} }),
    SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
    Input: z.string().optional(),
    InputPath: z.string().optional(),
    InputTransformer: z.strictObject({ InputPathsMap: Texts, InputTemplate: z.string() }).optional(),
    DeadLetterConfig: z.strictObject({ Arn: Queue }).optional(),
    RetryPolicy,
  })
  .refine(({ Arn: arn, Endpoint }) => (arn === undefined) !== (Endpoint === undefined), 'wants either Arn or Endpoint')
  .refine(
    ({ Arn: arn, SqsParameters }) => arn?.kind !== 'queue' || !isFifo(arn.queue) || SqsParameters !== undefined,
    'a FIFO queue wants SqsParameters.MessageGroupId',
  )
  .transform(({ Input, InputPath, InputTransformer, ...target }, context) => ({
    ...target,
    transform: compiled(context, () => compileTransformer({ Input, InputPath, InputTransformer })),
  }));

/** Where events that a rule matches go. */
export type Target = z.infer<typeof Target>;

const Rule = z.strictObject({
  Name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'is no name of a rule'),
  EventPattern: Pattern.transform((pattern, context) => compiled(context, () => compilePattern(pattern))),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(Target).min(1).max(5),
});

/** What is done with the events that match a pattern. */
export type Rule = z.infer<typeof Rule>;

const EventBus = z.strictObject({
  Name: z.string().regex(/^[A-Za-z0-9_./-]{1,256}$/, 'is no name of an event bus'),
  Rules: z.array(Rule).default([]),
});

/** Topics and event buses of an engine without a cloud. */
export const EventsConfig = z.strictObject({
  Topics: z.array(Topic).default([]),
  EventBuses: z.array(EventBus).default([]),
});

/** Topics and event buses of an engine without a cloud. */
export type EventsConfig = z.infer<typeof EventsConfig>;

/** Which connections the targets of rules name, and for which hosts. */
export const connectionUses = (config: EventsConfig | undefined): NamedUse[] => {
  const targets = config?.EventBuses.flatMap(({ Rules }) => Rules).flatMap(({ Targets }) => Targets) ?? [];
  return targets.flatMap(({ ConnectionArn: arn, Endpoint }) =>
    arn === undefined || Endpoint === undefined ? [] : [{ arn, host: new URL(Endpoint).host }],
  );
};

/** Reads topics and buses from a TOML or JSON file. @throws if a part is not understood, saying which */
export const readEvents = async (path: string): Promise<EventsConfig> => {
  const text = await readFile(path, 'utf8');
  const parsed = EventsConfig.safeParse(path.endsWith('.json') ? JSON.parse(text) : parseToml(text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${path}: ${issues.join('; ')}`);
};
