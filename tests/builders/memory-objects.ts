import type { Objects } from '../../local/stepfunctions/distributed/objects.ts';

/** Objects in memory, read in pieces of a few bytes. */
export type MemoryObjects = Objects & {
  readonly put: (place: string, content: string | Uint8Array) => void;
  /** The content of `bucket/key` as text. */
  readonly text: (place: string) => string;
  readonly places: () => string[];
};

/** Makes buckets that hold what the test puts there. */
export function memoryObjects(pieceBytes = 7): MemoryObjects {
  const all = new Map<string, Uint8Array>();
  const at = (place: string): Uint8Array => {
    const content = all.get(place);
    if (!content) throw new Error('The specified key does not exist.');
    return content;
  };
  return {
    put: (place, content) => {
      all.set(place, typeof content === 'string' ? Buffer.from(content) : content);
    },
    text: (place) => Buffer.from(at(place)).toString(),
    places: () => [...all.keys()].sort(),
    read: async function* (bucket, key) {
      const content = at(`${bucket}/${key}`);
      for (let from = 0; from < content.length; from += pieceBytes) yield content.subarray(from, from + pieceBytes);
    },
    list: async function* (bucket, prefix) {
      for (const place of [...all.keys()].sort()) {
        if (!place.startsWith(`${bucket}/${prefix}`)) continue;
        const Key = place.slice(bucket.length + 1);
        yield { Etag: '"e"', Key, LastModified: 1_668_699_881, Size: at(place).length, StorageClass: 'STANDARD' };
      }
    },
    write: async (bucket, key, pieces) => {
      let text = '';
      for await (const piece of pieces) text += piece;
      all.set(`${bucket}/${key}`, Buffer.from(text));
      return Buffer.byteLength(text);
    },
  };
}
