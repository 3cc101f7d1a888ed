import { crc32c } from '@node-rs/crc32';
import { ProblemDetails } from '#schema/problem';
import { ApiError, type Client } from './client.ts';

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
export async function* bytesFrom(
  { baseUrl }: Pick<Client, 'baseUrl'>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const response = await fetch(new URL(path, baseUrl), { redirect: 'error', signal });
  if (!response.ok || response.body === null) {
    const problem = ProblemDetails.safeParse(await response.json().catch(() => undefined));
    throw problem.success ? new ApiError(problem.data) : broken(path, `the answer is ${response.status}`);
  }
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
