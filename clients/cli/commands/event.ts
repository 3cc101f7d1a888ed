import type { Command } from 'commander';
import * as z from 'zod';
import type { Event } from '#schema/event';
import * as api from '../../http/generated/operations.ts';
import { type Context, contextOf } from '../context.ts';
import { EventOptions, eventLine, eventOptions } from '../events.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';

const Options = EventOptions.extend({
  ...ListOptions.shape,
  since: momentOption('--since'),
  follow: z.boolean().default(false),
});

type Options = z.output<typeof Options>;

/** Pages from the position on: one, all that there are, or for ever. */
async function* pagesOf({ client }: Context, { after, since, all, follow, ...filter }: Options) {
  let position = after;
  for (;;) {
    const from = position === undefined ? { since } : { after: position };
    const query = { ...filter, ...from, waitMs: follow ? 20_000 : 0 };
    const page = await client.call(api.listEvents, { query });
    yield page;
    const isOver = all ? page.next === position : true;
    if (!follow && isOver) return;
    position = page.next;
  }
}

const listEvents = async (context: Context, options: Options): Promise<void> => {
  // What never ends cannot be one list: followed, every event is a line of JSON of its own.
  const isOneList = context.format === 'json' && !options.follow;
  const collected: Event[] = [];
  let next = '';
  for await (const page of pagesOf(context, options)) {
    if (isOneList) collected.push(...page.items);
    else context.stream(page.items, { name: ({ id }) => id, line: eventLine });
    next = page.next;
  }
  if (isOneList) context.all(collected, { name: ({ id }) => id, lines: (event) => [eventLine(event)] });
  context.io.err.write(`position ${next}\n`);
};

/** `papilio event list`. */
export const addEvent = (program: Command, io: Io): void => {
  const event = program.command('event').description('the event logs of both planes, merged');
  eventOptions(listOptions(event.command('list')))
    .description('events after a position, in order of time')
    .option('--after <position>', 'a position such as a1042-w99317 (default: the beginning)')
    .option('--since <moment>', 'from this moment on: an age such as 8h, or a time with its zone')
    .option('-f, --follow', 'stay and print what comes')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio event list --since 8h --type command --all\n  papilio event list --type stf --all -o jsonl\n  papilio event list --after a10-w20 --follow',
    )
    .action((raw, command: Command) => listEvents(contextOf(command, io), Options.parse(raw)));
};
