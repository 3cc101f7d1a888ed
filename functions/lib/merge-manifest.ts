import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { mergeAccountOf } from './model/merge-account.ts';
import type { Objects } from './ports/objects.ts';
import { outputs, outputsOfRun, type Stored, stfs } from './records.ts';
import type { Job } from './schema/job.ts';
import { type MergeManifest, MergeRecord, type MissingStf, missingNamedMax, type Output } from './schema/output.ts';
import type { Run, RunProgress } from './schema/run.ts';
import type { Stf } from './schema/stf.ts';

/** An input of a merge, as a line of its manifest names it. */
export const MergeInput = z.object({
  id: z.string(),
  objectKey: z.string(),
  sizeBytes: z.int().min(0),
  checksumAdler32: z.string(),
});
export type MergeInput = z.infer<typeof MergeInput>;

/** First line of a manifest. */
const Header = z.object({ merge: MergeRecord });

/** Merge of a run as it was planned: its account and where its inputs are listed. */
export type MergePlan = MergeRecord & { readonly manifest: MergeManifest };

/** STFs whose outputs are read at a time; between two groups the event loop turns. */
const atOnce = 200;
/** Bytes of a manifest that are read at a time: some 1,500 lines. */
const pieceBytes = 262_144;

const keyOf = (runId: string, outputId: string): string => `${runId}/${outputId}.inputs.jsonl`;
const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;
const inputOf = ({ id, objectKey, sizeBytes, checksumAdler32 }: Output): MergeInput => ({
  id,
  objectKey,
  sizeBytes,
  checksumAdler32,
});

/** What is to be listed: a run with its counts as they were read before, and the id of what the merge will leave. */
export type Listing = {
  readonly runId: string;
  readonly run: Run | undefined;
  readonly progress: RunProgress | undefined;
  readonly outputId: string;
};

/**
 * Puts the manifest of a merge: one line for the output of each STF that is processed, in the order of sequence numbers. A
 * repeat finds the manifest and keeps to it, whatever was processed since. Cost: each STF and each output is read once.
 * @throws index-lagging as long as the index does not show all that was counted
 */
export const putManifest = async (listing: Listing, deps: Pick<Deps, 'store' | 'outputs'>): Promise<MergePlan> => {
  const objectKey = keyOf(listing.runId, listing.outputId);
  const known = await deps.outputs.stat(objectKey);
  if (known)
    return { ...(await headerOf(objectKey, known.sizeBytes, deps.outputs)), manifest: { objectKey, ...known } };
  const { merge, lines } = await listed(listing, deps);
  const bytes = Buffer.concat([Buffer.from(lineOf({ merge })), ...lines]);
  const { created: _, ...facts } = await deps.outputs.putBytes(objectKey, bytes);
  return { ...merge, manifest: { objectKey, ...facts } };
};

const listed = async ({ runId, run, progress }: Listing, deps: Pick<Deps, 'store'>) => {
  const lines: Buffer[] = [];
  const [known, holes]: [MissingStf[], MissingStf[]] = [[], []];
  const count = { stfs: 0, inputs: 0 };
  let next: number | undefined;
  for await (const group of groupsOf(stfs.every(deps.store, 'i1', `${runId}#stfs`))) {
    const ids = group.flatMap(({ doc }) => (doc.processing === 'processed' && doc.outputId ? [doc.outputId] : []));
    const found = (await outputs.getMany(deps.store, ids)).flatMap((output) => output?.doc ?? []);
    lines.push(Buffer.from(found.map((output) => lineOf(inputOf(output))).join('')));
    await setImmediate();
    count.stfs += group.length;
    count.inputs += found.length;
    for (const { doc } of group) {
      note(known, missingOf(doc));
      note(holes, holesBetween(next ?? doc.sequence, doc.sequence));
      next = doc.sequence + 1;
    }
  }
  const { catalogued = 0, processed = 0 } = progress ?? {};
  const { stfs: shown, inputs } = count;
  if (inputs < processed) throw new PapilioError('index-lagging', `${inputs} of ${processed} outputs of ${runId}`);
  const account = mergeAccountOf(inputs, run, { catalogued: Math.max(catalogued, shown) });
  const unknown = Math.max(0, account.expected - shown);
  const missing = [...known, ...holes.slice(0, unknown)].toSorted((a, b) => a.sequence - b.sequence);
  return { lines, merge: { ...account, missing: missing.slice(0, missingNamedMax) } };
};

const note = (all: MissingStf[], more: readonly MissingStf[]): void => {
  all.push(...more.slice(0, missingNamedMax - all.length));
};

const missingOf = ({ id, sequence, processing }: Stf): MissingStf[] =>
  processing === 'processed' ? [] : [{ sequence, stfId: id, because: processing }];

/** Sequence numbers, half-open, that no STF has; as many as are named. */
const holesBetween = (first: number, end: number): MissingStf[] =>
  Array.from({ length: Math.min(Math.max(0, end - first), missingNamedMax) }, (_, at) => ({
    sequence: first + at,
    because: 'not-announced',
  }));

async function* groupsOf(all: AsyncIterable<Stored<Stf>>): AsyncGenerator<Stored<Stf>[]> {
  let group: Stored<Stf>[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < atOnce) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

type Reading = Pick<Objects, 'readRange'>;

async function* linesOf(key: string, sizeBytes: number, objects: Reading): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for (let first = 0; first < sizeBytes; first += pieceBytes) {
    const piece = await objects.readRange(key, first, Math.min(first + pieceBytes, sizeBytes));
    const bytes = Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(10) + 1;
    yield* bytes.subarray(0, end).toString().split('\n').slice(0, -1);
    rest = bytes.subarray(end);
  }
}

const headerOf = async (key: string, sizeBytes: number, objects: Reading): Promise<MergeRecord> => {
  for await (const line of linesOf(key, sizeBytes, objects)) return Header.parse(JSON.parse(line)).merge;
  throw new PapilioError('object-corrupt', `${key} has no lines`);
};

/** The inputs of a merge, in order. A merge that an earlier build planned has no manifest: it reads all that is there. */
export async function* mergeInputsOf(
  { runId, merge }: Pick<Job, 'runId' | 'merge'>,
  deps: Pick<Deps, 'store' | 'outputs'>,
): AsyncGenerator<MergeInput> {
  if (merge === undefined) {
    for await (const { doc } of outputs.every(deps.store, 'i1', outputsOfRun(runId)))
      if (doc.stfId !== undefined) yield inputOf(doc);
    return;
  }
  const { objectKey, sizeBytes } = merge.manifest;
  let isHeader = true;
  for await (const line of linesOf(objectKey, sizeBytes, deps.outputs)) {
    if (!isHeader) yield MergeInput.parse(JSON.parse(line));
    isHeader = false;
  }
}
