import type { Command } from 'commander';
import type * as z from 'zod';
import { type LiveNews, liveEvents } from '../../http/live.ts';
import { type Context, contextOf } from '../context.ts';
import { EventOptions, eventLine, eventOptions } from '../events.ts';
import type { Io } from '../io.ts';
import { timeOfDay } from '../words.ts';

/** What is said of the stream itself; nothing of an event. */
const talkOf = (news: LiveNews): string | undefined => {
  if (news.kind === 'away') return `there is no connection yet (${news.reason}); it is tried again`;
  if (news.kind === 'there') return 'the connection is there';
  if (news.kind === 'lost') return `the connection is lost (${news.reason}); it is tried again`;
  if (news.kind === 'back') return 'the connection is back; nothing was missed';
  if (news.kind === 'reset')
    return `the logs are not those of before: they never came to ${news.reset.asked}; this goes on after ${news.reset.position}`;
  return undefined;
};

const watch = async (context: Context, { after, ...query }: z.output<typeof EventOptions>): Promise<void> => {
  const { io, client } = context;
  for await (const news of liveEvents(client, query, { after, signal: io.signal })) {
    if (news.kind === 'event') context.stream([news.event], { name: ({ id }) => id, line: eventLine });
    else io.err.write(`${timeOfDay(new Date().toISOString())} ${talkOf(news)}\n`);
  }
  io.signal.throwIfAborted();
};

/** `papilio watch`. */
export const addWatch = (program: Command, io: Io): void => {
  eventOptions(program.command('watch'))
    .description('what happens, as it happens, until you stop it; it comes back by itself and misses nothing')
    .option('--after <position>', 'first what came after a position such as a1042-w99317 (default: now)')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio watch\n  papilio watch --type stf,run --run 102363\n  papilio watch --type job.failed -o jsonl\n  papilio watch --after a0-w0 --timeout 5',
    )
    .action((raw, command: Command) => watch(contextOf(command, io), EventOptions.parse(raw)));
};
