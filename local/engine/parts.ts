import type { Clock } from '#ports/clock';
import { createQueuesPart, type QueuesPart } from '../sqs/queues-part.ts';
import type { Objects } from '../stepfunctions/distributed/objects.ts';
import type { CallService, LiveContext } from '../stepfunctions/host.ts';
import { createStatesPart, type StatesPart } from '../stepfunctions/states-part.ts';
import { parseRecord } from './journal-reader.ts';
import type { InvokeFunction, Journal, PartName } from './part.ts';

/** What names an engine: it goes into ARNs and queue URLs, and is the same for its compactor. */
export type Identity = { readonly account: string; readonly region: string; readonly queueBaseUrl: string };

/** The parts of one engine. */
export type Parts = { readonly sqs: QueuesPart; readonly sfn: StatesPart };

/** Makes all parts around one journal. */
export function createParts(context: {
  readonly identity: Identity;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly invoke: InvokeFunction;
  readonly sendMessage: (input: unknown) => Promise<object>;
  readonly callService: CallService;
  readonly observe?: LiveContext['observe'];
  readonly isTraced?: boolean;
  readonly objects?: Objects | undefined;
}): Parts {
  const { identity, ...ports } = context;
  return {
    sqs: createQueuesPart({ ...identity, journal: ports.journal, clock: ports.clock }),
    sfn: createStatesPart({ ...ports, account: identity.account, region: identity.region }),
  };
}

/** Parts that only fold records: without journal, functions or time. */
export function createFoldingParts(identity: Identity): Parts {
  const refuse = () => {
    throw new Error('a part that folds records has no effects');
  };
  const journal: Journal = { append: refuse, synced: refuse, read: refuse, isHeld: refuse };
  const clock: Clock = { nowMs: refuse, at: refuse };
  return createParts({ identity, journal, clock, invoke: refuse, sendMessage: refuse, callService: refuse });
}

/** How a snapshot and the journal's records are put into parts. */
export function folding(parts: Parts) {
  return {
    onItem: (body: Buffer) => {
      const [name, item] = parseRecord(body);
      parts[name].restore(item);
    },
    onRecord: (body: Buffer, segment: number, offsetBytes: number) => {
      const [name, record] = parseRecord(body);
      parts[name].apply(record, { segment, offsetBytes });
    },
  };
}

/** All parts' state as the items of a snapshot. */
export function* itemsOf(parts: Parts): Generator<readonly [PartName, unknown]> {
  for (const item of parts.sqs.items()) yield ['sqs', item] as const;
  for (const item of parts.sfn.items()) yield ['sfn', item] as const;
}
