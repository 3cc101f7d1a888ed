import { Output } from '../schema/output.ts';
import { Replica } from '../schema/stf.ts';

type Doc = Readonly<Record<string, unknown>>;

/** The archived file that a replica's record names; undefined for a record of another kind. */
export const archivedFileOf = ({ sk, doc }: { readonly sk: string; readonly doc: Doc }) => {
  const replica = sk === 'replica' ? Replica.safeParse(doc).data : undefined;
  if (replica === undefined) return undefined;
  const { stfId, name, objectKey, sizeBytes, checksumAdler32, checksumCrc32c } = replica;
  return {
    about: { kind: 'stf' as const, subject: stfId, name, objectKey },
    expected: { objectKey, sizeBytes, checksumAdler32, checksumCrc32c },
  };
};

/** The file that an output's record names; undefined for a record of another kind. */
export const outputFileOf = ({ sk, doc }: { readonly sk: string; readonly doc: Doc }) => {
  const output = sk === 'output' ? Output.safeParse(doc).data : undefined;
  if (output === undefined) return undefined;
  const { id, name, objectKey, sizeBytes, checksumAdler32, checksumCrc32c } = output;
  return {
    about: { kind: 'output' as const, subject: id, name, objectKey },
    expected: { objectKey, sizeBytes, checksumAdler32, checksumCrc32c },
  };
};
