import { randomUUID } from 'node:crypto';
import { CommandView } from '#schema/command';
import { segment } from '../http/client.ts';
import type { Context } from './context.ts';
import { exit, UsageError, Verdict } from './failure.ts';

/** Longer than a plane takes to be started again. */
const waitMs = 28_000;

/** The reason that every act needs. @throws UsageError */
export const reasonOf = (why: string | undefined, example: string): string => {
  const reason = why?.trim();
  if (!reason) throw new UsageError('--why is missing', `--why '${example}'`);
  return reason;
};

/** Asks for an act, and asks how it ended for as long as it has not; `waiting` if a plane has still not ended it then. */
export const act = async ({ client, io }: Context, path: string, body: object): Promise<CommandView> => {
  const options = { key: randomUUID(), signal: io.signal };
  const first = await client.post(path, CommandView, body, options);
  if (first.state !== 'waiting') return first;
  const { state } = await client.get(`/v1/commands/${segment(first.id)}`, CommandView, { waitMs }, io.signal);
  // Under the same key this answers how it ended, with the reason of a refusal.
  return state === 'waiting' ? first : client.post(path, CommandView, body, options);
};

/** The same for an act whose outcome is looked at next: one that has not ended says where to look later, and ends with 8. */
export const actToItsEnd = async (context: Context, path: string, body: object, later: string): Promise<void> => {
  const { state } = await act(context, path, body);
  if (state !== 'waiting') return;
  context.io.err.write(`the work plane has taken it and not ended it yet: see \`${later}\` later\n`);
  throw new Verdict(exit.stillRunning);
};
