import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** How compressed files begin. */
const COMPRESSIONS: readonly { readonly magic: readonly number[]; readonly expand: () => Transform }[] = [
  { magic: [0x1f, 0x8b], expand: createGunzip },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], expand: createZstdDecompress },
];
const MAGIC_BYTES = 4;

async function* after(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** The first pieces together, so that they tell what the file is. */
const beginning = async (rest: AsyncIterator<Uint8Array>): Promise<Uint8Array> => {
  let first = new Uint8Array();
  while (first.length < MAGIC_BYTES) {
    const next = await rest.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  return first;
};

const feed = async (pieces: AsyncIterable<Uint8Array>, into: Transform): Promise<void> => {
  for await (const piece of pieces) if (!into.write(piece)) await new Promise((resolve) => into.once('drain', resolve));
  into.end();
};

/** The bytes of a file, expanded if it is a gzip or zstd file. */
export async function* plain(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await beginning(iterator);
  const all = after(first, iterator);
  const found = COMPRESSIONS.find(({ magic }) => magic.every((byte, at) => first[at] === byte));
  if (!found) return yield* all;
  const expanded = found.expand();
  // What goes wrong with the source goes wrong with the file.
  feed(all, expanded).catch((error: unknown) =>
    expanded.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  yield* expanded;
}

/** UTF-8 bytes as text, piece by piece; a character may lie in two pieces. */
export async function* textOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
