import type { CommandView } from '#schema/command';
import type { CallOptions } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
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

/** What `--dry-run` of an act is: whether whoever asks may do it, and nothing is done. @throws Verdict if not */
export const onlyWhether = async ({ client, one }: Context, action: string, on?: string): Promise<void> => {
  const can = await client.call(api.getMeCan, { query: { action, on } });
  one(can, {
    name: can.isAllowed ? 'yes' : 'no',
    lines: ({ because, change }) => (change ? [because, change] : [because]),
  });
  if (!can.isAllowed) throw new Verdict(exit.denied);
};

/** Sends an act with the key that makes it be done once. */
export type Ask = (options: CallOptions) => Promise<CommandView>;

/**
 * Asks for an act, and asks how it ended for as long as it has not: at most 28 s, with `--wait` to its end.
 * `waiting` if a plane has still not ended it then.
 */
export const perform = async ({ client, options: { wait } }: Context, ask: Ask): Promise<CommandView> => {
  const options = { key: crypto.randomUUID() };
  let view = await ask(options);
  while (view.state === 'waiting') {
    const { state } = await client.call(api.getCommand, { path: { id: view.id }, query: { waitMs } });
    // Under the same key this answers how it ended, with the reason of a refusal.
    if (state !== 'waiting') view = await ask(options);
    else if (!wait) return view;
  }
  return view;
};

/** The same for an act whose outcome is looked at next: one that has not ended says where to look later, and ends with 8. */
export const performToItsEnd = async (context: Context, ask: Ask, later: string): Promise<void> => {
  const { state } = await perform(context, ask);
  if (state !== 'waiting') return;
  context.io.err.write(`the work plane has taken it and not ended it yet: see \`${later}\` later\n`);
  throw new Verdict(exit.stillRunning);
};
