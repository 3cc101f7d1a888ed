import type { Command } from 'commander';
import * as z from 'zod';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { UsageError } from './failure.ts';

/** Options that every list has. */
export const listOptions = (command: Command): Command =>
  command.option('--limit <n>', 'how many in a page, up to 500', '100').option('--all', 'all pages');

/** The same for what changes while papilio works: a list that can be followed. */
export const watchedOptions = (command: Command): Command =>
  listOptions(command).option('-w, --watch', 'stay and show it again when it changes; to programs only what is new');

export const ListOptions = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .catch(() => {
      throw new UsageError('--limit is not a number from 1 to 500', '--limit 100');
    }),
  all: z.boolean().default(false),
});

/** The run that the DAQ spoke of last. */
export const currentRun = async (client: Client): Promise<string> => {
  const { ribbon } = await client.call(api.getState);
  if (!ribbon) throw new UsageError('no run was announced yet', 'name one with --run, or wait for the DAQ');
  return String(ribbon.run);
};
