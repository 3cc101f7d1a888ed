import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { accounts, type CatalogEntry, inboxes, type Plane } from '../../functions/catalog.ts';

/** One queue that a function of a plane reads, and for which facility, if it is one of many. */
export type Feed = {
  readonly functionName: string;
  readonly entry: CatalogEntry;
  readonly queue: string;
  readonly facility?: string;
};

/** How long a message that nobody answered for stays hidden; who works on it extends that. */
export const visibilityS = 5;
const maxReceiveCount = 20;
const retentionS = 1_209_600;

/** The queue of one facility. */
export const facilityQueue = (queue: string, facility: string): string => `${queue}-${facility}`;

/** The queues that feed a plane's functions: one each, or one a facility. */
export const feedsOf = (
  plane: Plane,
  catalog: Readonly<Record<string, CatalogEntry>>,
  facilities: readonly string[],
): Feed[] =>
  Object.entries(catalog).flatMap(([functionName, entry]) => {
    const { trigger } = entry;
    if (entry.plane !== plane || trigger.kind !== 'queue') return [];
    if (!entry.isPerFacility) return [{ functionName, entry, queue: trigger.queue }];
    return facilities.map((facility) => ({
      functionName,
      entry,
      queue: facilityQueue(trigger.queue, facility),
      facility,
    }));
  });

/** The queues that lie with a plane. Both inboxes lie with the archive plane, so that a stopped work plane holds up nobody. */
export const queuesOf = (
  plane: Plane,
  catalog: Readonly<Record<string, CatalogEntry>>,
  facilities: readonly string[],
): string[] => {
  const both: readonly string[] = Object.values(inboxes);
  const fed = feedsOf(plane, catalog, facilities).map((feed) => feed.queue);
  const own = fed.filter((queue) => !both.includes(queue));
  return [...new Set(plane === 'archive' ? [...both, ...own] : own)];
};

/** The names that a definition may use: the plane's queues, and for a queue a facility the part before its facility. */
export const addressable = (
  plane: Plane,
  catalog: Readonly<Record<string, CatalogEntry>>,
  queues: readonly string[],
): string[] => {
  const perFacility = Object.values(catalog).filter((entry) => entry.plane === plane && entry.isPerFacility);
  const stems = perFacility.flatMap(({ trigger }) => (trigger.kind === 'queue' ? [trigger.queue] : []));
  return [...queues, ...stems];
};

const create = async (
  client: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<string> => {
  try {
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes } }),
    );
    return QueueUrl;
  } catch (error) {
    // An earlier papilio gave it other attributes: the queue and its messages stay, the attributes follow.
    if (!(error instanceof Error && error.name === 'QueueNameExists')) throw error;
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { ...attributes } }));
    return QueueUrl;
  }
};

/** Creates queues, each with the dead-letter queue `<name>-dlq` beside it. */
export const ensureQueues = async (
  client: SQSClient,
  plane: Plane,
  region: string,
  names: readonly string[],
): Promise<void> => {
  const shared = { VisibilityTimeout: String(visibilityS), MessageRetentionPeriod: String(retentionS) };
  for (const name of names) {
    await create(client, `${name}-dlq`, shared);
    const deadLetterTargetArn = `arn:aws:sqs:${region}:${accounts[plane]}:${name}-dlq`;
    await create(client, name, { ...shared, RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) });
  }
};
