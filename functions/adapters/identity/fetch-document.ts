import { policy } from './policy.ts';

/** Reads a JSON document of an issuer. */
export type FetchDocument = (url: URL, signal: AbortSignal) => Promise<unknown>;

const readBounded = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > policy.documentMaxBytes) throw new Error(`more than ${policy.documentMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** By HTTP: one GET without credentials, uncompressed, so large at most; a redirect is a failure. */
export const fetchDocument: FetchDocument = async (url, signal) => {
  const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
  const response = await fetch(url, { headers, redirect: 'error', signal });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${url.href} answers ${response.status}`);
  }
  return JSON.parse((await readBounded(response.body)).toString('utf8'));
};
