import type { Context } from './context.ts';
import { exit, UsageError, Verdict } from './failure.ts';

/**
 * Asks at a terminal before something that cannot be undone; elsewhere, and with `--yes`, it is meant.
 * @throws Verdict if it is not
 */
export const confirmed = async ({ io, options }: Context, question: string): Promise<void> => {
  if (options.yes || io.in?.isTTY !== true || io.err.isTTY !== true) return;
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr, signal: io.signal });
  if (isCancel(answer)) throw new Verdict(exit.interrupted);
  if (!answer) throw new UsageError('nothing was done', 'give --yes if it is meant');
};
