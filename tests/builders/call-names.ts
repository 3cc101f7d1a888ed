import * as z from 'zod';
import type { CallTally } from './a-call-tally.ts';

type Named = readonly (readonly [string, number])[];

const Many = z.array(z.unknown());
const Transaction = z.object({ writes: Many, events: Many });
const lengthOf = (value: unknown): number => Many.parse(value).length;

/** What a call of the store comes to. */
export const storeCalls = (method: string, [first]: readonly unknown[]): Named => {
  if (method === 'getMany')
    return [
      ['store getMany', 1],
      ['store keys read', lengthOf(first)],
    ];
  if (method === 'get')
    return [
      ['store get', 1],
      ['store keys read', 1],
    ];
  if (method === 'putMany')
    return [
      ['store putMany', 1],
      ['store items written', lengthOf(first)],
    ];
  if (method !== 'transact') return [[`store ${method}`, 1]];
  const { writes, events } = Transaction.parse(first);
  return [
    ['store transact', 1],
    ['store items written', writes.length],
    ...(events.length > 0 ? [['store transact with events', 1] as const] : []),
    ['store events', events.length],
  ];
};

const onObjects: ReadonlySet<string> = new Set([
  'putFile',
  'putBytes',
  'read',
  'readRange',
  'readStored',
  'stat',
  'verify',
  'list',
]);

/** What a call of the objects comes to; where a file lies is asked of nobody. */
export const objectCalls =
  (name: string) =>
  (method: string): Named =>
    onObjects.has(method) ? [[`${name} ${method}`, 1]] : [];

const Batch = z.object({ Entries: Many });
const Received = z.object({ Messages: Many.optional() });

/** Notes a call of a queue or state machine, and how many messages it was for; a receive that waited in vain is another thing. */
export const noteCall = (tally: CallTally, call: string, input: unknown, answer: unknown): void => {
  if (call === 'sqs ReceiveMessage') {
    const { Messages = [] } = Received.parse(answer ?? {});
    tally.note(Messages.length > 0 ? call : `${call} in vain`);
    if (Messages.length > 0) tally.note('sqs messages received', Messages.length);
    return;
  }
  tally.note(call);
  const { data } = Batch.safeParse(input);
  if (data !== undefined) tally.note(`${call} entries`, data.Entries.length);
};
