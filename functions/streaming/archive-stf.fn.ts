import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type ErrorCode, PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { archiveKey } from '#lib/model/ids';
import { releaseMessage } from '#lib/quarantine';
import { replicas } from '#lib/records';
import type { ObjectFacts } from '#ports/objects';
import { DaqMessage, StfFact } from '#schema/daq-message';
import type { ArchivedStf, Replica, StfContent } from '#schema/stf';
import { createInspection, type Inspection } from './inspection.ts';

const name = 'archive-stf';
/** Ranges of missing TFs that an event tells; the replica has all. */
const missingTold = 20;
const Input = z.object({ message: DaqMessage.extend({ fact: StfFact }) });
type StfMessage = z.infer<typeof Input>['message'];

/**
 * Copies an STF from the incoming folder into the archive, put-once, with all checksums in one pass, and records the
 * replica. Order: file synced, then record and event, then the incoming file goes. A message that is held from an earlier
 * try is let go. @see 4.7 6.8
 */
export const archiveStf = defineFunction({
  name,
  effect: 'named',
  input: Input,
  output: z.object({ stfId: z.string(), objectKey: z.string() }),
  run: async ({ message }, deps) => {
    const { fact } = message;
    const stfId = deps.ids.stf(fact.run, fact.sequence);
    const objectKey = archiveKey(fact.run, fact.name);
    const replica = await untilNoConflict(async () => {
      const known = await replicas.get(deps.store, stfId);
      if (known) await compareWithArchived(message, known.doc, deps);
      const archived = known?.doc ?? (await archive(message, { stfId, objectKey }, deps));
      await commit(deps, await releaseMessage(message.id, message.id, name, deps));
      return archived;
    });
    await deps.queues.send('archived-stfs', [tellingOf(replica)]);
    await deps.incoming.remove(fact.name);
    return { stfId, objectKey };
  },
});

/** What the catalogue of TFs has to know. */
const tellingOf = ({ stfId, runId, sequence, name, objectKey, content }: Replica): ArchivedStf => ({
  stfId,
  runId,
  sequence,
  name,
  objectKey,
  ...(content === undefined ? {} : { content }),
});

type Place = { readonly stfId: string; readonly objectKey: string };

const archive = async (message: StfMessage, { stfId, objectKey }: Place, deps: Deps): Promise<Replica> => {
  const { fact } = message;
  const { content, ...facts } = await copy(message, objectKey, deps);
  const replica: Replica = {
    stfId,
    runId: deps.ids.run(fact.run),
    sequence: fact.sequence,
    name: fact.name,
    objectKey,
    sizeBytes: facts.sizeBytes,
    checksumAdler32: facts.checksumAdler32,
    checksumCrc32c: facts.checksumCrc32c,
    messageId: message.id,
    ...(content === undefined ? {} : { content }),
    receivedAt: message.receivedAt,
    archivedAt: deps.now(),
  };
  const { content: _, ...told } = replica;
  const data = { run: fact.run, ...told, ...tfsOf(content) };
  await commit(deps, [
    change(deps, stfId, replicas.put(stfId, replica, 0), { type: 'stf.archived', cause: message.id, by: name, data }),
  ]);
  return replica;
};

/** What an event says of the TFs: how many, and the first of those that are missing. */
const tfsOf = (content: StfContent | undefined) => {
  if (content === undefined) return {};
  const { tfCount, tfsMissing } = content;
  return { tfCount, ...(tfsMissing.length === 0 ? {} : { tfsMissing: tfsMissing.slice(0, missingTold) }) };
};

type Copied = ObjectFacts & { readonly content: StfContent | undefined };

const copy = async (message: StfMessage, objectKey: string, deps: Deps): Promise<Copied> => {
  const { fact } = message;
  if (!(await deps.incoming.has(fact.name))) throw missing(message, deps);
  const inspection = createInspection(fact);
  try {
    const check = { expect: announced(fact), inspector: inspection };
    const facts = await deps.archive.putFile(objectKey, deps.incoming.path(fact.name), check);
    return { ...facts, content: inspection.content() };
  } catch (thrown) {
    // Another message's execution archived and removed the file in between; the next try finds its replica.
    if (thrown instanceof PapilioError && thrown.code === 'object-missing') throw missing(message, deps);
    throw asStfError(thrown, inspection);
  }
};

const stfCodes: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  'object-corrupt': 'stf-corrupt',
  'object-exists': 'stf-content-differs',
};

/** What the objects port found, in terms of the STF. */
const asStfError = (thrown: unknown, inspection: Inspection): unknown => {
  const code = thrown instanceof PapilioError ? stfCodes[thrown.code] : undefined;
  if (!(thrown instanceof PapilioError) || !code) return thrown;
  const why = code === 'stf-corrupt' ? `: ${inspection.explain()}` : '';
  return new PapilioError(code, `${thrown.reason}${why}`, thrown);
};

const announced = (fact: StfFact): Partial<ObjectFacts> => ({
  ...(fact.sizeBytes === undefined ? {} : { sizeBytes: fact.sizeBytes }),
  ...(fact.checksumAdler32 === undefined ? {} : { checksumAdler32: fact.checksumAdler32 }),
});

/** A file may come after its announcement, for a while. A lost one is told of in the same words, whenever that was seen. */
const missing = (message: StfMessage, deps: Deps): PapilioError => {
  const waitedS = (deps.clock.nowMs() - Date.parse(message.receivedAt)) / 1000;
  const longestS = deps.config.PAPILIO_FILE_WAIT_S;
  const { name: file } = message.fact;
  return waitedS > longestS
    ? new PapilioError('stf-file-lost', `${file} did not come within ${longestS} s`)
    : new PapilioError('stf-file-missing', `${file}, ${Math.round(waitedS)} s after its message`);
};

/** A repeat names the same content, in its message and in the file that came with it; anything else is left where it is. */
const compareWithArchived = async (message: StfMessage, replica: Replica, deps: Deps): Promise<void> => {
  const { fact } = message;
  for (const [field, value] of Object.entries(announced(fact))) {
    const archived = field === 'sizeBytes' ? replica.sizeBytes : replica.checksumAdler32;
    if (value !== archived)
      throw new PapilioError('stf-content-differs', `${fact.name}: ${field} ${value} announced, ${archived} archived`);
  }
  if (!(await deps.incoming.has(fact.name))) return;
  const inspection = createInspection(fact);
  try {
    await deps.archive.putFile(replica.objectKey, deps.incoming.path(fact.name), { inspector: inspection });
  } catch (thrown) {
    // Another message's execution compared and removed the file in between.
    if (thrown instanceof PapilioError && thrown.code === 'object-missing') return;
    throw asStfError(thrown, inspection);
  }
};
