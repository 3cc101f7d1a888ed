import type { ServiceAnswer } from '../../stepfunctions/host.ts';
import { MAX_DATA_BYTES } from '../../stepfunctions/limits.ts';

/** A result that no state may have; what is left of it is not read. */
export class TooLarge extends Error {}

/** The failure of a task whose result is too large. */
export const tooLarge = (service: string): ServiceAnswer => ({
  ok: false,
  error: 'States.DataLimitExceeded',
  cause: `The state/task 'aws-sdk:${service}' returned a result with a size exceeding the maximum number of bytes service limit.`,
});

/** Tells a stream of bytes. */
export const isReadable = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** A stream read to its end as text. @throws TooLarge */
export const textOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_DATA_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
