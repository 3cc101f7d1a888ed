import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import type { Call } from '../engine/protocol.ts';
import { MessageAttribute } from '../sqs/records.ts';
import { seededUuid } from '../stepfunctions/random.ts';
import type { Queue, RetryPolicy } from './config.ts';

const Web = z.object({
  kind: z.literal('web'),
  url: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']),
  headers: z.record(z.string(), z.string()),
  connectionArn: z.string().optional(),
});

/** A place on the web. */
export type WebPlace = z.infer<typeof Web>;

const QueueAddress = z.object({ account: z.string(), name: z.string() });

/** Where something goes, but for what is sent. */
const Place = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('queue'),
    queue: QueueAddress,
    group: z.string().optional(),
    dedup: z.string().optional(),
    attributes: z.record(z.string(), MessageAttribute).optional(),
  }),
  z.object({ kind: z.literal('machine'), arn: z.string(), name: z.string() }),
  Web,
]);

/** Where something goes, but for what is sent. */
export type Place = z.infer<typeof Place>;

/** All that is known of a delivery but its body; what the queue of deliveries keeps beside it. */
export const Order = z.object({
  place: Place,
  retries: z.number(),
  ageS: z.number(),
  dead: QueueAddress.optional(),
  /** The subscription, or the rule and its target, as people look for them. */
  from: z.string(),
});

/** All that is known of a delivery but its body. */
export type Order = z.infer<typeof Order>;

/** Something that is told to somebody. */
export type Delivery = { readonly order: Order; readonly body: string };

/** Keeps what cannot be delivered in the call that wants it told; a queue of the engine itself, so it is in its journal. */
export const DELIVERIES = 'papilio-deliveries';

/** The attribute that has a delivery's order. */
export const ORDER = 'order';

/** What deliveries are made with. */
export type Post = {
  readonly call: Call;
  readonly account: string;
  /** Told of what is given up without a dead-letter queue. */
  readonly onLost?: ((what: string) => void) | undefined;
};

/** URL of a queue; only its account and name count. */
export const queueUrl = ({ account, name }: Queue): string => `http://sqs/${account}/${name}`;

/** An order's part that a policy makes. */
export const patience = (policy: RetryPolicy, dead: Queue | undefined) => ({
  retries: policy.MaximumRetryAttempts,
  ageS: policy.MaximumEventAgeInSeconds,
  ...(dead && { dead }),
});

/** The engine cannot write now, so nothing must be told as done. */
const isBusy = (error: unknown): boolean => error instanceof AwsError && error.status === 503;

/** What no repetition would mend. */
export const isFinal = (error: unknown): boolean => error instanceof AwsError && error.status < 500;

/** Puts something into a queue or starts an execution; a repeat finds it done where the other side can tell. */
export const tell = async ({ call }: Post, place: Exclude<Place, { kind: 'web' }>, body: string): Promise<void> => {
  if (place.kind === 'machine') {
    const input = { stateMachineArn: place.arn, name: place.name, input: body };
    return call('sfn', 'StartExecution', input).then(
      () => undefined,
      (error: unknown) => {
        // Named after what is delivered: a repeat that finds the name taken is done.
        if (!(error instanceof AwsError) || error.code !== 'ExecutionAlreadyExists') throw error;
      },
    );
  }
  await call('sqs', 'SendMessage', {
    QueueUrl: queueUrl(place.queue),
    MessageBody: body,
    ...(place.group !== undefined && { MessageGroupId: place.group }),
    ...(place.dedup !== undefined && { MessageDeduplicationId: place.dedup }),
    ...(place.attributes && { MessageAttributes: place.attributes }),
  });
};

/** Gives a delivery up: to its dead-letter queue, or for good. */
export const bury = async (post: Post, { order, body }: Delivery, error: unknown): Promise<void> => {
  const reason = error instanceof Error ? error.message : String(error);
  const what = `${order.from} was not told: ${reason}`;
  if (!order.dead) return post.onLost?.(what);
  const text = (StringValue: string) => ({ DataType: 'String', StringValue: StringValue.slice(0, 1000) || 'unknown' });
  const attributes = {
    ERROR_CODE: text(error instanceof Error ? error.name : 'Error'),
    ERROR_MESSAGE: text(reason),
    TARGET: text(order.from),
  };
  const isFifo = order.dead.name.endsWith('.fifo');
  const fifo = isFifo && { group: 'dead', dedup: seededUuid(`dead/${order.from}/${body}`) };
  try {
    await tell(post, { kind: 'queue', queue: order.dead, attributes, ...fifo }, body);
  } catch (again) {
    if (!isFinal(again)) throw again;
    post.onLost?.(`${what}; nor could the dead-letter queue ${order.dead.name} take it`);
  }
};

const keep = async (post: Post, { order, body }: Delivery): Promise<void> => {
  const queue = { account: post.account, name: DELIVERIES };
  const attributes = { [ORDER]: { DataType: 'String', StringValue: JSON.stringify(order) } };
  const send = () => tell(post, { kind: 'queue', queue, attributes }, body);
  await send().catch(async (error: unknown) => {
    if (!(error instanceof AwsError) || error.code !== 'QueueDoesNotExist') throw error;
    await makeQueue(post.call);
    await send();
  });
};

/** Makes the queue of deliveries if it is not there. */
export const makeQueue = async (call: Call): Promise<void> => {
  const Attributes = { MessageRetentionPeriod: '1209600' };
  await call('sqs', 'CreateQueue', { QueueName: DELIVERIES, Attributes });
};

/**
 * Delivers at once what stays within engines; keeps in the queue of deliveries what goes out, or cannot be told now. When
 * it returns, nothing of it is forgotten by a kill.
 * @throws AwsError if the engine cannot write
 */
export const deliver = async (post: Post, delivery: Delivery): Promise<void> => {
  const { place } = delivery.order;
  if (place.kind === 'web') return keep(post, delivery);
  try {
    await tell(post, place, delivery.body);
  } catch (error) {
    if (isBusy(error)) throw error;
    await (isFinal(error) ? bury(post, delivery, error) : keep(post, delivery));
  }
};
