import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { Command } from '#schema/command';
import type { Surroundings } from '../../functions/api/surroundings.ts';
import { catalog } from '../../functions/catalog.ts';
import { openSpool } from './spool.ts';

/** Where a front keeps the commands that it sends to a stack. */
export const commandSpool = 'commands';
/** Two files of this size hold some 10,000 commands. */
const mostBytes = 4_000_000;

/** A queue that there is: an update may have taken away the one to which a command was sent. */
const Queue = z.string().refine((name) => Object.hasOwn(catalog, name));

/** A command, and where it was sent. */
export const SentCommand = z.object({ plane: z.enum(['archive', 'work']), queue: Queue, command: Command });
export type SentCommand = z.infer<typeof SentCommand>;

type Send = Surroundings['send'];

/** Keeps commands on the disk before they are sent: who sent one was told that papilio has it. @throws store-unavailable */
export const keepingCommands = (send: Send, folder = '.'): Send => {
  const keep = openSpool({ folder, name: commandSpool, mostBytes });
  return async (plane, queue, command) => {
    const sent: SentCommand = { plane, queue, command };
    try {
      await keep([sent]);
    } catch (thrown) {
      throw new PapilioError(
        'store-unavailable',
        `${commandSpool}.jsonl of the data folder: ${String(thrown)}`,
        thrown,
      );
    }
    await send(plane, queue, command);
  };
};
