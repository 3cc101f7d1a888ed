import * as z from 'zod';
import { faultOfMessage, sealAttribute } from '#lib/message-seal';
import { jsonOf } from '#lib/model/json';
import type { Seal } from '#lib/seal';
import type { Clock } from '#ports/clock';
import type { QueueRecord, Receiver } from './receiver.ts';

/** A message that papilio did not send, and how that shows. */
export type Forged = { readonly record: QueueRecord; readonly why: string };

type SealedOptions = {
  readonly seal: Seal;
  readonly account: string;
  readonly queue: string;
  /** State machines send to it too, whose service has no key: what brings a task token is let through unsealed. */
  readonly isFedByMachines: boolean;
  readonly clock: Clock;
  /** Keeps forged messages, before they leave the queue. */
  readonly hold: (queue: string, forged: readonly Forged[]) => Promise<void>;
};

const Sealed = z.object({ StringValue: z.string() });
/** What a state machine sends that waits for the answer to its token. */
const WithToken = z.object({ token: z.string() });

const sealOn = ({ messageAttributes }: QueueRecord): string | undefined =>
  Sealed.safeParse(messageAttributes[sealAttribute]).data?.StringValue;

const whyForged = (record: QueueRecord, options: SealedOptions): string | undefined => {
  const { seal, account, queue, isFedByMachines, clock } = options;
  const given = sealOn(record);
  if (given === undefined && isFedByMachines && WithToken.safeParse(jsonOf(record.body)).success) return undefined;
  return faultOfMessage(seal, { account, queue, body: record.body }, given, clock.nowMs());
};

/** Reads a queue that others can send to: what is not papilio's own is held and leaves the queue, and nobody acts on it. */
export const sealedReceiver = (receiver: Receiver, options: SealedOptions): Receiver => ({
  ...receiver,
  receive: async (signal, wish) => {
    const records = await receiver.receive(signal, wish);
    const forged = records.flatMap((record) => {
      const why = whyForged(record, options);
      return why === undefined ? [] : [{ record, why }];
    });
    if (forged.length === 0) return records;
    await options.hold(options.queue, forged);
    await receiver.remove(forged.map(({ record }) => record));
    return records.filter((record) => forged.every((one) => one.record !== record));
  },
});
