import { createGunzip } from 'node:zlib';

const GZIP = [0x1f, 0x8b];

async function* unzipped(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** The bytes of a file, uncompressed if it is a gzip file. */
export async function* plain(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const all = unzipped(first.value, iterator);
  if (GZIP.some((byte, at) => first.value[at] !== byte)) return yield* all;
  const gunzip = createGunzip();
  const feeding = (async () => {
    for await (const piece of all)
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
    gunzip.end();
  })();
  // What goes wrong with the source goes wrong with the file.
  feeding.catch((error: unknown) => gunzip.destroy(error instanceof Error ? error : new Error(String(error))));
  yield* gunzip;
}

/** UTF-8 bytes as text, piece by piece; a character may lie in two pieces. */
export async function* textOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
