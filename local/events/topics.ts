import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { MessageAttribute } from '../sqs/records.ts';
import { seededUuid } from '../stepfunctions/random.ts';
import type { Topic } from './config.ts';
import { deliver } from './delivery.ts';
import type { EventsDesk } from './desk.ts';
import { notificationOf, type Published, textsOf } from './notification.ts';

const MAX_BYTES = 262_144;
const MAX_ENTRIES = 10;
const idCharacters = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;
const subjectForm = /^(?=\S)[^\p{Cc}]{1,100}$/u;
const dataType = /^(String|String\.Array|Number|Binary)(\..{1,248})?$/;

const Message = z.object({
  Message: z.string(),
  Subject: z.string().optional(),
  MessageStructure: z.string().optional(),
  MessageAttributes: z.record(z.string(), MessageAttribute).default({}),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
type Message = z.infer<typeof Message>;

const Publish = Message.extend({
  TopicArn: z.string().optional(),
  TargetArn: z.string().optional(),
  PhoneNumber: z.string().optional(),
});
const PublishBatch = z.object({
  TopicArn: z.string(),
  PublishBatchRequestEntries: z.array(Message.extend({ Id: z.string() })),
});

const invalid = (reason: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${reason}`);

const parsed = <S extends z.ZodType>(schema: S, input: unknown): z.output<S> => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`${issue?.path.join('.') ?? 'the request'} Reason: ${issue?.message ?? 'not understood'}`);
};

const topicOf = ({ config, post, region }: EventsDesk, arn: string): Topic => {
  const [, name = ''] = /^arn:[^:]+:sns:[^:]*:\d{12}:([^:]+)$/.exec(arn) ?? [];
  if (name === '') throw invalid(`TopicArn Reason: An ARN must have at least 6 elements, not ${arn.split(':').length}`);
  const topic = config.Topics.find(({ TopicName }) => arn === `arn:aws:sns:${region}:${post.account}:${TopicName}`);
  if (!topic) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
};

const sizeOf = ({ Message: text, MessageAttributes }: Message): number =>
  Buffer.byteLength(text) +
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    0,
  );

const checkAttributes = (attributes: Message['MessageAttributes']): void => {
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    if (!dataType.test(DataType))
      throw invalid(`The message attribute '${name}' has an invalid message attribute type`);
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
    if (!value) throw invalid(`The message attribute '${name}' must contain non-empty message attribute value`);
  }
};

/** What only FIFO topics ask for, or any topic may be told. */
const fifoFields = (topic: Topic, { Message: text, MessageGroupId: group, MessageDeduplicationId: dedup }: Message) => {
  if (group !== undefined && !idCharacters.test(group)) throw invalid('MessageGroupId');
  if (!topic.TopicName.endsWith('.fifo')) {
    if (dedup === undefined) return { group, dedup };
    throw invalid(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (group === undefined) throw invalid('The MessageGroupId parameter is required for FIFO topics');
  if (dedup !== undefined && !idCharacters.test(dedup)) throw invalid('MessageDeduplicationId');
  if (dedup === undefined && !topic.ContentBasedDeduplication) {
    throw invalid(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { group, dedup: dedup ?? createHash('sha256').update(text).digest('hex') };
};

const textsFor = ({ MessageStructure, Message: text }: Message): ReadonlyMap<string, string> => {
  if (MessageStructure === undefined) return new Map();
  if (MessageStructure !== 'json') throw invalid('MessageStructure');
  const texts = textsOf(text);
  if (!texts) throw invalid('Message Structure - No default entry in JSON message body');
  return texts;
};

const checked = (desk: EventsDesk, topic: Topic, message: Message, id: string): Published => {
  if (message.Message === '') throw invalid('Empty message');
  if (sizeOf(message) > MAX_BYTES) throw invalid('Message too long');
  if (message.Subject !== undefined && !subjectForm.test(message.Subject)) throw invalid('Subject');
  checkAttributes(message.MessageAttributes);
  return {
    ...{
      id,
      topic,
      topicArn: `arn:aws:sns:${desk.region}:${desk.post.account}:${topic.TopicName}`,
      atMs: desk.nowMs(),
    },
    ...{ message: message.Message, texts: textsFor(message), subject: message.Subject },
    attributes: message.MessageAttributes,
    ...fifoFields(topic, message),
  };
};

const tellAll = async ({ post }: EventsDesk, published: Published): Promise<void> => {
  const { topic, message, attributes } = published;
  const wanted = topic.Subscriptions.flatMap((subscription, at) =>
    subscription.wants(message, attributes) ? [notificationOf(published, subscription, at)] : [],
  );
  await Promise.all(wanted.map((delivery) => deliver(post, delivery)));
};

/** Publish: the answer comes when all subscribers have been told, or will be after any restart. */
export const publish = async (desk: EventsDesk, input: unknown, seed: string): Promise<{ MessageId: string }> => {
  const request = parsed(Publish, input);
  if (request.PhoneNumber !== undefined) throw invalid('PhoneNumber Reason: there are no telephones here');
  const arn = request.TopicArn ?? request.TargetArn;
  if (arn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  // A repeat after a restart has the id of the first time.
  const published = checked(desk, topicOf(desk, arn), request, seededUuid(`sns/${seed}`));
  await tellAll(desk, published);
  return { MessageId: published.id };
};

const checkEntries = (ids: readonly string[]): void => {
  if (ids.length === 0) throw new AwsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (ids.length > MAX_ENTRIES) {
    throw new AwsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  if (new Set(ids).size < ids.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const bad = ids.find((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id));
  if (bad !== undefined) throw new AwsError('InvalidBatchEntryId', `The Id ${bad} of a batch entry is not valid.`);
};

/** PublishBatch: what is refused is told entry by entry. */
export const publishBatch = async (desk: EventsDesk, input: unknown, seed: string): Promise<object> => {
  const { TopicArn, PublishBatchRequestEntries: entries } = parsed(PublishBatch, input);
  const topic = topicOf(desk, TopicArn);
  checkEntries(entries.map(({ Id }) => Id));
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      const published = checked(desk, topic, entry, seededUuid(`sns/${seed}/${entry.Id}`));
      await tellAll(desk, published);
      Successful.push({ Id: entry.Id, MessageId: published.id });
    } catch (error) {
      if (!(error instanceof AwsError) || error.status >= 500) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
};
