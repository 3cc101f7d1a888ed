import * as z from 'zod';
import type { Desk, Operation } from './desk.ts';
import { badValue } from './errors.ts';
import { parseInput } from './input.ts';
import { arnOf, urlOf } from './names.ts';
import { page } from './pages.ts';
import type { Queue } from './queue.ts';
import { settingsOf } from './settings.ts';

const ListSourcesInput = z.object({
  QueueUrl: z.string(),
  MaxResults: z.int().optional(),
  NextToken: z.string().optional(),
});

/** Checks that a redrive policy names a queue that is there, is of the same kind, and lets this one in. */
export function checkDeadLetters(
  desk: Desk,
  attributes: Readonly<Record<string, string>>,
  source: { readonly isFifo: boolean; readonly arn: string },
): void {
  const { redrive } = settingsOf(attributes);
  if (redrive === undefined) return;
  const refuse = (reason: string) => badValue('RedrivePolicy', attributes.RedrivePolicy, reason);
  const target = desk.queueOfArn(redrive.deadLetterTargetArn);
  if (target === undefined) throw refuse('Dead letter target does not exist.');
  if (target.isFifo !== source.isFifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
  const { allow } = target.settings;
  const isAllowed =
    allow === undefined ||
    allow.redrivePermission === 'allowAll' ||
    (allow.redrivePermission === 'byQueue' && allow.sourceQueueArns?.includes(source.arn));
  if (!isAllowed) throw refuse(`Queue ${source.arn} is not permitted to use this dead-letter queue.`);
}

/** The queues whose dead letters go to this one. */
export function sourcesOf(desk: Desk, target: Queue): Queue[] {
  const arn = arnOf(desk.state.place, target.name);
  return [...desk.state.byId.values()].filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn);
}

/** ListDeadLetterSourceQueues */
export const listDeadLetterSourceQueues: Operation = async (desk, input) => {
  const { QueueUrl, MaxResults, NextToken } = parseInput(ListSourcesInput, input);
  const names = sourcesOf(desk, desk.queueAt(QueueUrl))
    .map(({ name }) => name)
    .sort();
  const { items, next } = page(names, (name) => name, MaxResults ?? 1000, NextToken);
  const queueUrls = items.map((name) => urlOf(desk.state.place, name));
  return { queueUrls, ...(next !== undefined && MaxResults !== undefined && { NextToken: next }) };
};
