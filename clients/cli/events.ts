import type { Command } from 'commander';
import * as z from 'zod';
import type { Event } from '#schema/event';
import { eventTypes } from '../http/generated/event-types.ts';
import { UsageError } from './failure.ts';
import { cutTo } from './table.ts';
import { harmless, preciseTime, shortId } from './words.ts';

/** Options by which events are chosen. */
export const eventOptions = (command: Command): Command =>
  command
    .option('--type <types>', 'types such as stf.archived, or nouns such as stf, with commas between several')
    .option('--run <number>', 'of one run')
    .option('--facility <name>', 'at one facility')
    .option('--owner <who>', 'of what is theirs, or what they asked for')
    .option('--subject <id>', 'about one thing');

/** @throws UsageError for a type or a noun that no event has */
const knownTypes = (text: string): string => {
  const nouns = new Set(eventTypes.map((type) => type.slice(0, type.indexOf('.'))));
  const unknown = text.split(',').find((one) => !eventTypes.includes(one) && !nouns.has(one.replace(/\.$/, '')));
  if (unknown === undefined) return text;
  throw new UsageError(
    `--type: no event has the type ${unknown}; types are ${eventTypes.join(', ')}`,
    '--type stf.archived',
  );
};

/** Values of these options. */
export const EventOptions = z.object({
  after: z.string().optional(),
  type: z.string().transform(knownTypes).optional(),
  run: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .catch(() => {
      throw new UsageError('--run is not the number of a run', '--run 102363');
    }),
  facility: z.string().optional(),
  owner: z.string().optional(),
  subject: z.string().optional(),
});

/** An event as people read it: when, in which plane, what, to which thing, and the beginning of its data. */
export const eventLine = ({ time, source, type, subject, data }: Event): string =>
  harmless(
    `${preciseTime(time)} ${source.slice(source.lastIndexOf('/') + 1).padEnd(7)} ${type.padEnd(20)} ${shortId(subject)} ${cutTo(JSON.stringify(data), 160)}`,
  );
