import * as z from 'zod';
import type { Submission } from '#ports/batch';
import type { Clock } from '#ports/clock';
import type { AttemptEnd, PayloadInput } from '#schema/job';
import { factsOf, isSameContent } from '../../functions/adapters/objects/facts.ts';
import type { MemoryBatch } from './memory-batch.ts';

type Payloads = {
  readonly facility: MemoryBatch;
  /** Bytes under a path. */
  readonly read: (path: string) => Uint8Array | undefined;
  readonly clock: Clock;
  /** How long the next payload takes. */
  readonly runMs: () => number;
  /** STFs at which the payload fails, by name. */
  readonly failing: ReadonlySet<string>;
};

type Ending = { readonly end: Partial<AttemptEnd>; readonly files: Readonly<Record<string, string>> };

const failed = (exitCode: number): Ending => ({ end: { outcome: 'failed', exitCode }, files: {} });
const whichIs = ({ sizeBytes, checksumAdler32 }: PayloadInput) => ({
  ...(sizeBytes === undefined ? {} : { sizeBytes }),
  ...(checksumAdler32 === undefined ? {} : { checksumAdler32 }),
});

/** What a payload leaves: the STFs that it saw; a merge those that its inputs saw. */
const Left = z.object({ task: z.string(), seen: z.array(z.string()) });

/** What one process over all these files would leave as the merge of their run: the STFs by name, each with its checksum. */
export const mergedTextOf = (files: ReadonlyMap<string, Uint8Array>): string =>
  textOf(
    'run-merge',
    [...files].map(([name, bytes]) => seenOf(name, bytes)),
  );

const seenOf = (name: string, bytes: Uint8Array): string => `${name} ${factsOf(bytes).checksumCrc32c}`;
const textOf = (task: string, seen: readonly string[]): string => JSON.stringify({ task, seen: seen.toSorted() });

/** Does what the real payloads do, as far as papilio sees it: looks for its inputs, checks them, leaves an output. */
const work = ({ attemptId, payload }: Submission, { facility, read, failing }: Payloads): Ending => {
  const seen: string[] = [];
  const isMerge = payload.name === 'run-merge';
  for (const input of [...payload.inputs, ...facility.listedOf(attemptId)]) {
    const bytes = input.paths.map(read).find((found) => found !== undefined);
    if (bytes === undefined) return failed(66);
    if (!isSameContent(whichIs(input), factsOf(bytes))) return failed(65);
    if (failing.has(input.name)) return failed(3);
    seen.push(...(isMerge ? Left.parse(JSON.parse(Buffer.from(bytes).toString())).seen : [seenOf(input.name, bytes)]));
  }
  // Two outputs of one STF would count it twice.
  if (isMerge && new Set(seen).size < seen.length) return failed(65);
  return { end: {}, files: { [payload.output]: textOf(payload.name, seen) } };
};

/** Runs each payload that the facility starts, for some time of the house's clock. */
export const runPayloads = (payloads: Payloads): void => {
  const { facility, clock, runMs } = payloads;
  facility.watch(({ attemptId, state }) => {
    if (state !== 'running') return;
    clock.at(clock.nowMs() + runMs(), () => {
      const submission = facility.accepted.find((one) => one.attemptId === attemptId);
      if (submission === undefined) return;
      const { end, files } = work(submission, payloads);
      facility.finish(attemptId, end, files);
    });
  });
};
