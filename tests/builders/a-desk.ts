import * as z from 'zod';

/** One client at work with one engine: `call` repeats what the engine cannot do now. */
export type Desk = {
  readonly call: (service: 'sqs' | 'sfn', operation: string, input: object) => Promise<object>;
  readonly pause: () => Promise<void>;
  readonly life: AbortSignal;
  readonly complain: (what: string) => void;
};

const Message = z.object({ MessageId: z.string(), Body: z.string(), ReceiptHandle: z.string() });
/** What ReceiveMessage answers. */
export const Received = z.object({ Messages: z.array(Message).default([]) });
