import type { IncomingMessage } from 'node:http';

/** What a request carried; without a text if that was more than it may. */
export type Body = { readonly sizeBytes: number; readonly text: string | undefined };

/** Who goes on sending so much more than the limit is cut off. */
const patienceFactor = 8;

/**
 * Reads all of a body, so that a client that sends too much hears about it, but keeps no more than the limit. Says nothing
 * of half a body: who sent it is gone.
 */
export const readBody = (request: IncomingMessage, limitBytes: number, done: (body: Body) => void): void => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (sizeBytes > patienceFactor * limitBytes) request.destroy();
  });
  request.on('end', () => {
    done({ sizeBytes, text: sizeBytes > limitBytes ? undefined : Buffer.concat(chunks).toString('utf8') });
  });
  request.on('error', () => undefined);
};
