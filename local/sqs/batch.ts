import * as z from 'zod';
import { AwsError } from '../engine/part.ts';

/** What every batch entry has. */
export const BatchEntry = z.object({ Id: z.string() });

/** An entry of a batch that was refused. */
export type FailedEntry = {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
};

const entryId = /^[A-Za-z0-9_-]{1,80}$/;
const maxEntries = 10;

/** @throws AwsError if SQS refuses the batch as a whole */
export function checkBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', "There should be at least one entry in the request's list of entries.");
  }
  if (entries.length > maxEntries) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${maxEntries}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id } of entries) {
    if (!entryId.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 ' +
          'letters long.',
      );
    }
    if (ids.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    ids.add(Id);
  }
}

/** Runs each entry; what one throws as an AWS error fails that entry only. */
export function eachEntry<E extends { readonly Id: string }, R>(
  entries: readonly E[],
  run: (entry: E) => R,
): { readonly done: { readonly entry: E; readonly result: R }[]; readonly failed: FailedEntry[] } {
  const done: { entry: E; result: R }[] = [];
  const failed: FailedEntry[] = [];
  for (const entry of entries) {
    try {
      done.push({ entry, result: run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
    }
  }
  return { done, failed };
}
