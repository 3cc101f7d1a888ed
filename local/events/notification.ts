import { isObject, type Json, own, parseJson } from '../stepfunctions/json.ts';
import type { Subscription, Topic } from './config.ts';
import { type Delivery, patience } from './delivery.ts';
import type { Attribute } from './filter-policy.ts';

/** A message that a topic was given. */
export type Published = {
  readonly id: string;
  readonly topic: Topic;
  readonly topicArn: string;
  readonly atMs: number;
  readonly message: string;
  /** Other texts by protocol, where `MessageStructure` is `json`. */
  readonly texts: ReadonlyMap<string, string>;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly group: string | undefined;
  readonly dedup: string | undefined;
};

/** ARN of a subscription: the topic's, with the place of the subscription in it. */
export const subscriptionArn = (topicArn: string, at: number): string =>
  `${topicArn}:${String(at + 1).padStart(8, '0')}`;

/** What each protocol is told where they are told different things. */
export const textsOf = (message: string): ReadonlyMap<string, string> | undefined => {
  const parsed = parseJson(message);
  const fallback = isObject(parsed) ? own(parsed, 'default') : undefined;
  if (!isObject(parsed) || typeof fallback !== 'string') return undefined;
  return new Map(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
};

const textFor = ({ texts, message }: Published, protocol: string): string =>
  texts.get(protocol) ?? texts.get('default') ?? message;

const shownAttributes = (attributes: Published['attributes']): Json =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue ?? '' },
    ]),
  );

/** SNS's envelope. It is not signed: nobody but this machine could have a certificate for it. */
const envelope = (published: Published, message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: published.id,
    TopicArn: published.topicArn,
    ...(published.subject !== undefined && { Subject: published.subject }),
    Message: message,
    Timestamp: new Date(published.atMs).toISOString(),
    SignatureVersion: '1',
    ...(Object.keys(published.attributes).length > 0 && { MessageAttributes: shownAttributes(published.attributes) }),
  });

const webHeaders = (published: Published, arn: string, isRaw: boolean): Record<string, string> => ({
  'Content-Type': 'text/plain; charset=UTF-8',
  'User-Agent': 'Amazon Simple Notification Service Agent',
  'x-amz-sns-message-type': 'Notification',
  'x-amz-sns-message-id': published.id,
  'x-amz-sns-topic-arn': published.topicArn,
  'x-amz-sns-subscription-arn': arn,
  ...(isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
});

/** What a subscription is told of a message, and where. */
export const notificationOf = (published: Published, subscription: Subscription, at: number): Delivery => {
  const { RawMessageDelivery: isRaw, RedrivePolicy, RetryPolicy } = subscription;
  const text = textFor(published, subscription.Protocol);
  const arn = subscriptionArn(published.topicArn, at);
  const { attributes, group, dedup } = published;
  const place: Delivery['order']['place'] =
    subscription.Protocol === 'sqs'
      ? {
          ...{ kind: 'queue', queue: subscription.Endpoint },
          ...(isRaw && Object.keys(attributes).length > 0 && { attributes }),
          ...(group !== undefined && { group }),
          ...(subscription.Endpoint.name.endsWith('.fifo') && dedup !== undefined && { dedup }),
        }
      : { kind: 'web', url: subscription.Endpoint, method: 'POST', headers: webHeaders(published, arn, isRaw) };
  return {
    order: { place, ...patience(RetryPolicy, RedrivePolicy?.deadLetterTargetArn), from: arn },
    body: isRaw ? text : envelope(published, text),
  };
};
