import { type Account, accountOf, type RunCounts } from './account.ts';
import type { FrontClient } from './front-client.ts';
import { type RecordingContents, readContents } from './recording-contents.ts';

/** Unreadable messages that are looked up one by one; those beyond are taken for held, as all of them are at first. */
const lookedUp = 1_000;
const noCounts: Pick<RunCounts, 'stfs' | 'messages'> = {
  stfs: { seen: 0, archived: 0, processed: 0, failed: 0, quarantined: 0 },
  messages: { seen: 0, duplicate: 0, quarantined: 0 },
};

const countsOf = async (front: FrontClient, run: number): Promise<RunCounts> => {
  const { stfs, messages } = (await front.summaryOf(run)) ?? noCounts;
  return { run, stfs, messages, totalStfs: (await front.run(run))?.totalStfs };
};

const heldOf = async (front: FrontClient, { unread }: RecordingContents): Promise<number> => {
  let held = Math.max(0, unread.length - lookedUp);
  for (const name of unread.slice(0, lookedUp)) if (await front.isHeld(name)) held += 1;
  return held;
};

/**
 * Account of a recording that was played: of its run, or of all runs if it names several or none, with a reason for
 * everything that it announced and that is not archived and processed.
 */
export const replayAccount = async (front: FrontClient, file: string): Promise<Account> => {
  const contents = await readContents(file);
  const runs: RunCounts[] = [];
  for (const run of contents.runs) runs.push(await countsOf(front, run));
  const [only, ...others] = runs;
  const isOfOneRun = only !== undefined && others.length === 0 && only.messages.seen > 0;
  const held = await heldOf(front, contents);
  const unread = { lines: contents.unreadLines, distinct: contents.unread.length, held };
  const summary = (isOfOneRun ? await front.summaryOf(only.run) : undefined) ?? (await front.summary());
  return accountOf(summary, { runs, unread });
};
