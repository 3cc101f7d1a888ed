import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { PapilioError } from '#lib/errors';
import type { Queues } from '#ports/queues';
import { accounts, inboxes, type Plane } from '../../catalog.ts';

const messagesPerCall = 10;
const bytesPerCall = 262_144;

/** Both inboxes lie with the archive plane; every other queue lies with the plane that uses it. */
const accountOf = (queue: string, plane: Plane): string =>
  queue === inboxes.work || queue === inboxes.archive ? accounts.archive : accounts[plane];

/** The URL of a queue; the account number in it names the plane. */
export const queueUrl = (queue: string, plane: Plane): string =>
  `http://sqs.papilio/${accountOf(queue, plane)}/${queue}`;

/** A value as the text of a message. SQS carries neither U+FFFE nor U+FFFF; escaped, they are the same JSON. */
export const messageText = (body: unknown): string =>
  JSON.stringify(body).replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

/** Cuts bodies into calls of at most 10 messages and 262,144 bytes. */
export const intoCalls = (bodies: readonly string[]): string[][] => {
  const calls: string[][] = [];
  let sizeBytes = 0;
  for (const body of bodies) {
    const length = Buffer.byteLength(body);
    const last = calls.at(-1);
    if (last && last.length < messagesPerCall && sizeBytes + length <= bytesPerCall) {
      last.push(body);
      sizeBytes += length;
    } else {
      calls.push([body]);
      sizeBytes = length;
    }
  }
  return calls;
};

/** Queues over SQS. */
export const createSqsQueues = (aws: SQSClientConfig, plane: Plane): Queues => {
  const client = new SQSClient(aws);
  const sendCall = async (queue: string, bodies: readonly string[]) => {
    const entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
    const answer = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl(queue, plane), Entries: entries }),
    );
    const failed = answer.Failed?.[0];
    if (failed)
      throw new PapilioError('plane-unavailable', `queue ${queue}: ${failed.Code ?? ''} ${failed.Message ?? ''}`);
  };
  return {
    send: async (queue, bodies) => {
      try {
        for (const call of intoCalls(bodies.map(messageText))) await sendCall(queue, call);
      } catch (thrown) {
        if (thrown instanceof PapilioError) throw thrown;
        throw new PapilioError('plane-unavailable', `queue ${queue}: ${String(thrown)}`, thrown);
      }
    },
  };
};
