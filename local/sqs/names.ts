import type { Message, Queue } from './queue.ts';

/** Where a part's queues live. */
export type Place = { readonly account: string; readonly region: string; readonly queueBaseUrl: string };

const queueName = /^[A-Za-z0-9_-]{1,80}$/;
const fifoName = /^[A-Za-z0-9_-]{1,75}\.fifo$/;

/** Whether SQS takes the name. */
export const isQueueName = (name: string): boolean => queueName.test(name) || fifoName.test(name);

/** URL of a queue. */
export const urlOf = (place: Place, name: string): string => `${place.queueBaseUrl}/${place.account}/${name}`;

/** ARN of a queue. */
export const arnOf = (place: Place, name: string): string => `arn:aws:sqs:${place.region}:${place.account}:${name}`;

/** Account and name from a queue URL, whatever host it was asked under. */
export function fromUrl(url: string): { readonly account: string; readonly name: string } | undefined {
  const [, account, name] = /\/(\d{12})\/([A-Za-z0-9_.-]+)\/?$/.exec(url) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}

/** Account and name from a queue ARN. */
export function fromArn(arn: string): { readonly account: string; readonly name: string } | undefined {
  const [, account, name] = /^arn:aws:sqs:[a-z0-9-]*:(\d{12}):([A-Za-z0-9_.-]+)$/.exec(arn) ?? [];
  return account === undefined || name === undefined ? undefined : { account, name };
}

/** A receipt handle names queue, message and the receive that gave it out. */
export const receiptOf = (queue: Queue, message: Message): string =>
  Buffer.from(`${queue.id} ${message.seq} ${message.receives}`).toString('base64url');

/** What a receipt handle names, if it is one. */
export function readReceipt(handle: string): { queue: string; seq: number; receives: number } | undefined {
  const text = Buffer.from(handle, 'base64url').toString('latin1');
  const [, queue, seq, receives] = /^(\d+-\d+) (\d{1,15}) (\d{1,9})$/.exec(text) ?? [];
  return queue === undefined ? undefined : { queue, seq: Number(seq), receives: Number(receives) };
}

/** A FIFO message's sequence number: 20 digits that rise. */
export const sequenceNumber = (seq: number): string => `1${String(seq).padStart(19, '0')}`;
