import { SendMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { answeringWithin } from '#lib/answering-within';
import { PapilioError } from '#lib/errors';
import { sealAttribute, sealBytes } from '#lib/message-seal';
import type { Queues } from '#ports/queues';
import { accounts, inboxes, type Plane } from '../../catalog.ts';
import { bytesPerCall, messageTexts } from './text.ts';

const messagesPerCall = 10;
/** Tries of what a queue took only a part of. */
const triesPerCall = 3;
const answerWithinMs = 5_000;

const withArchive: ReadonlySet<string> = new Set(Object.values(inboxes));

/** The inboxes lie with the archive plane; every other queue lies with the plane that uses it. */
const accountOf = (queue: string, plane: Plane): string =>
  withArchive.has(queue) ? accounts.archive : accounts[plane];

/** What stands before the account in the URLs of a plane's own queues: a host that nobody has. */
const ownBaseUrl = 'http://sqs.papilio';

/** The URL of a queue; the account number in it names the plane. */
export const queueUrl = (queue: string, plane: Plane, baseUrl = ownBaseUrl): string =>
  `${baseUrl}/${accountOf(queue, plane)}/${queue}`;

/** Cuts bodies into calls of at most 10 messages and 262,144 bytes, with so many bytes beside each. */
export const intoCalls = (bodies: readonly string[], besideBytes = 0): string[][] => {
  const calls: string[][] = [];
  let sizeBytes = 0;
  for (const body of bodies) {
    const length = Buffer.byteLength(body) + besideBytes;
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

type SendFailure = { readonly index: number; readonly isOurFault: boolean; readonly reason: string };

type SealBody = (body: string) => string;

const entryOf = (MessageBody: string, index: number, sealed: SealBody | undefined) => {
  const entry = { Id: String(index), MessageBody };
  if (sealed === undefined) return entry;
  return {
    ...entry,
    MessageAttributes: { [sealAttribute]: { DataType: 'String', StringValue: sealed(MessageBody) } },
  };
};

type SendingCall = { readonly url: string; readonly requestTimeout: number; readonly sealed: SealBody | undefined };

/** Sends one call; returns what the queue did not take of it. */
const sendCall = async (
  client: SQSClient,
  bodies: readonly string[],
  { url, requestTimeout, sealed }: SendingCall,
): Promise<SendFailure[]> => {
  const Entries = bodies.map((body, index) => entryOf(body, index, sealed));
  const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }), {
    requestTimeout,
  });
  return Failed.map(({ Id, SenderFault = false, Code = '', Message = '' }) => ({
    index: Number(Id),
    isOurFault: SenderFault,
    reason: `${Code} ${Message}`.trim(),
  }));
};

/** How to reach SQS. A call is tried three times and each try answered within a time: a caller waits 16 s at most. */
export type QueueAccess = SQSClientConfig & {
  readonly answerWithinMs?: number;
  /** What stands before the account in the URLs of queues. */
  readonly queueBaseUrl?: string;
  /** What differs for the queues that lie with the archive plane, where only its own keys reach them. */
  readonly shared?: SQSClientConfig;
  /** The seal of a message, where others can send to the queues: account, queue, body. */
  readonly seal?: (account: string, queue: string, body: string) => string;
};

/** Queues over SQS. */
export const createSqsQueues = ({ seal, ...aws }: QueueAccess, plane: Plane): Queues => {
  const withinMs = aws.answerWithinMs ?? answerWithinMs;
  const besideBytes = seal === undefined ? 0 : sealBytes;
  const own = new SQSClient({ maxAttempts: 3, requestHandler: answeringWithin(withinMs), ...aws });
  const shared =
    aws.shared === undefined
      ? own
      : new SQSClient({ maxAttempts: 3, requestHandler: answeringWithin(withinMs), ...aws, ...aws.shared });
  const callFor = (queue: string): SendingCall => ({
    url: queueUrl(queue, plane, aws.queueBaseUrl),
    requestTimeout: withinMs,
    sealed: seal && ((body) => seal(accountOf(queue, plane), queue, body)),
  });
  const sendAll = async (queue: string, bodies: readonly string[]) => {
    const client = withArchive.has(queue) ? shared : own;
    const call = callFor(queue);
    let left = bodies;
    for (let tries = 1; left.length > 0; tries++) {
      const failures = await sendCall(client, left, call);
      const refused = failures.find(({ isOurFault }) => isOurFault);
      if (refused) throw new PapilioError('input-invalid', `queue ${queue}: ${refused.reason}`);
      const [failure] = failures;
      if (failure && tries === triesPerCall)
        throw new PapilioError('plane-unavailable', `queue ${queue}: ${failure.reason}`);
      const again = new Set(failures.map(({ index }) => index));
      left = left.filter((_, index) => again.has(index));
    }
  };
  return {
    send: async (queue, bodies) => {
      const calls = intoCalls(messageTexts(queue, bodies, besideBytes), besideBytes);
      try {
        for (const call of calls) await sendAll(queue, call);
      } catch (thrown) {
        if (thrown instanceof PapilioError) throw thrown;
        throw new PapilioError('plane-unavailable', `queue ${queue}: ${String(thrown)}`, thrown);
      }
    },
  };
};
