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

/** Does what the real payloads do, as far as papilio sees it: looks for its inputs, checks them, leaves an output. */
const work = ({ payload }: Submission, { read, failing }: Payloads): Ending => {
  const seen: string[] = [];
  for (const input of payload.inputs) {
    const bytes = input.paths.map(read).find((found) => found !== undefined);
    if (bytes === undefined) return failed(66);
    const facts = factsOf(bytes);
    if (!isSameContent(whichIs(input), facts)) return failed(65);
    if (failing.has(input.name)) return failed(3);
    seen.push(`${input.name} ${facts.checksumCrc32c}`);
  }
  return { end: {}, files: { [payload.output]: JSON.stringify({ task: payload.name, seen }) } };
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
