import { Output } from '../schema/output.ts';
import { Replica } from '../schema/stf.ts';

type Doc = Readonly<Record<string, unknown>>;
type Facts = {
  readonly objectKey: string;
  readonly sizeBytes: number;
  readonly checksumAdler32: string;
  readonly checksumCrc32c: string;
};

const factsOf = ({ objectKey, sizeBytes, checksumAdler32, checksumCrc32c }: Facts): Facts => ({
  objectKey,
  sizeBytes,
  checksumAdler32,
  checksumCrc32c,
});

/** The archived file that a replica's record names; none for a record of another kind. */
export const archivedFilesOf = ({ sk, doc }: { readonly sk: string; readonly doc: Doc }) => {
  const replica = sk === 'replica' ? Replica.safeParse(doc).data : undefined;
  if (replica === undefined) return [];
  const { stfId, name, objectKey } = replica;
  return [{ about: { kind: 'stf' as const, subject: stfId, name, objectKey }, expected: factsOf(replica) }];
};

/** The files that an output's record names: its own, and the list of its inputs; none for a record of another kind. */
export const outputFilesOf = ({ sk, doc }: { readonly sk: string; readonly doc: Doc }) => {
  const output = sk === 'output' ? Output.safeParse(doc).data : undefined;
  if (output === undefined) return [];
  const { id, name } = output;
  const { manifest } = output.provenance;
  const lists = manifest === undefined ? [] : [{ name: `${id}.inputs.jsonl`, facts: factsOf(manifest) }];
  return [{ name, facts: factsOf(output) }, ...lists].map(({ name: file, facts }) => ({
    about: { kind: 'output' as const, subject: id, name: file, objectKey: facts.objectKey },
    expected: facts,
  }));
};
