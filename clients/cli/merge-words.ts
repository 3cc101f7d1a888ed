import type { MergeAccount, MissingStf, Output } from '#schema/output';

type Counts = Pick<MergeAccount, 'inputs' | 'expected' | 'isPartial'>;

/** `partial 28 of 30`, or `30 of 30`. */
export const mergeShare = ({ inputs, expected, isPartial }: Counts): string =>
  `${isPartial ? 'partial ' : ''}${inputs} of ${expected}`;

const sources: Readonly<Record<MergeAccount['expectedFrom'], string>> = {
  end_run: 'the total in end_run',
  catalogue: 'the announced STFs; end_run gave no larger total',
};

/** `partial 28 of 30 STFs (the total in end_run)`. */
export const mergeSentence = (account: MergeAccount): string =>
  `${mergeShare(account)} STFs (${sources[account.expectedFrom]})`;

const reasons: Readonly<Record<MissingStf['because'], string>> = {
  waiting: 'not processed yet',
  failed: 'failed',
  'not-announced': 'never announced',
};

const named = ({ sequence, because }: MissingStf): string => `sequence ${sequence}: ${reasons[because]}`;

/** The missing STFs of a merge, each on a line, and how many are not named. */
export const missingWords = ({ merge }: Output): string[] => {
  if (!merge?.isPartial) return [];
  const left = merge.expected - merge.inputs - merge.missing.length;
  return [...merge.missing.map(named), ...(left > 0 ? [`${left} more without a known sequence number`] : [])];
};
