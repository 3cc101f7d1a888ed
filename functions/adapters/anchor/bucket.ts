import { asPapilioError } from '#lib/errors';
import { headDigest, headLine } from '#lib/model/anchor-head';
import type { Anchor } from '#ports/anchor';
import type { Objects } from '#ports/objects';
import type { AnchoredHead } from '#schema/anchor';

/** Objects of a bucket with object lock: what counts is the first version of a key. */
export type LockedObjects = Pick<Objects, 'putBytes' | 'list' | 'read' | 'stat'> & { readonly close: () => void };

/** A bucket that takes heads. */
export type BucketAnchorOptions = {
  readonly name: string;
  /** Before all keys; empty for none. */
  readonly prefix: string;
  /** Called until it succeeds: a bucket that is away at the start is used when it is back. */
  readonly open: () => Promise<LockedObjects>;
};

/** Larger than a head. */
const headMostBytes = 4096;

/** Keys sort as heads were added. */
const keyOf = (prefix: string, head: AnchoredHead): string => {
  const { instance, wing, plane, seq } = head;
  return `${prefix}${instance}/${wing}-${plane}/${String(seq).padStart(16, '0')}-${headDigest(head).slice(0, 16)}.json`;
};

const headIn = async (objects: LockedObjects, key: string): Promise<string> => {
  const { sizeBytes = 0 } = (await objects.stat(key)) ?? {};
  if (sizeBytes > headMostBytes) return `${key}, ${sizeBytes} bytes`;
  try {
    return Buffer.from(await objects.read(key)).toString();
  } catch (thrown) {
    const { kind, reason } = asPapilioError(thrown);
    if (kind === 'Transient') throw thrown;
    return `${key}: ${reason}`;
  }
};

/** Heads as objects that S3 itself keeps for a time, each under a key of its own, whoever has the credentials. */
export const openBucketAnchor = ({ name, prefix, open }: BucketAnchorOptions): Anchor => {
  let opened: LockedObjects | undefined;
  const objects = async (): Promise<LockedObjects> => {
    opened ??= await open();
    return opened;
  };
  return {
    name,
    add: async (head) => {
      await (await objects()).putBytes(keyOf(prefix, head), Buffer.from(headLine(head)));
    },
    heads: async function* () {
      const found = await objects();
      for await (const key of found.list(prefix)) if (key.endsWith('.json')) yield await headIn(found, key);
    },
    close: () => opened?.close(),
  };
};
