import { ApiError } from './api-error.ts';
import { crc32c } from './crc32c.ts';

const broken = (path: string, detail: string): ApiError =>
  new ApiError({
    code: 'answer-invalid',
    status: 502,
    title: 'The bytes did not come as they should',
    detail: `${path}: ${detail}`,
    help: 'try again; if it stays so, tell the operator',
  });

/**
 * The bytes of an answer, piece by piece, compared at the end with the CRC-32C that its header `papilio-crc32c` names.
 * @throws ApiError
 */
export async function* bytesOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const path = new URL(response.url).pathname;
  if (response.body === null) throw broken(path, 'the answer has no body');
  let crc = 0;
  try {
    for await (const piece of response.body) {
      crc = crc32c(piece, crc);
      yield piece;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw broken(path, error instanceof Error ? error.message : String(error));
  }
  const found = crc.toString(16).padStart(8, '0');
  const told = response.headers.get('papilio-crc32c');
  if (found !== told) throw broken(path, `CRC-32C ${found} came, ${told} was told`);
}
