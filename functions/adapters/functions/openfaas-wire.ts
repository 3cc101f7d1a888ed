import { PapilioError } from '#lib/errors';
import { failureOf } from './failure.ts';
import { type Patience, retryAfterMs, type Tried } from './tries.ts';

/** Who we are to a gateway. */
export type Credentials = { readonly user: string; readonly password: string };

/** How to reach a gateway. */
export type GatewayAccess = {
  /** Its address, such as `https://gateway.example.org`. */
  readonly gateway: string;
  /** Asked for each try, so that a password may be changed while papilio runs. */
  readonly credentials?: () => Promise<Credentials>;
  /** Without it, the gateway's default namespace. */
  readonly namespace?: string;
  readonly patience: Patience;
};

/** What a gateway answered, as far as papilio reads it. */
export type GatewayAnswer = { readonly status: number; readonly headers: Headers; readonly text: string };

const longestAnswerBytes = 6_291_556;
const shownChars = 300;

/** A path at a gateway, which may itself lie below one. */
export const gatewayUrl = ({ gateway }: GatewayAccess, path: string): URL =>
  new URL(`${gateway.replace(/(?<!\/)\/+$/, '')}/${path}`);

/** The header by which a gateway knows us. */
export const authorizationOf = async ({ credentials }: GatewayAccess): Promise<Readonly<Record<string, string>>> => {
  if (credentials === undefined) return {};
  const { user, password } = await credentials();
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
};

/** Reads an answer, as much as Lambda would give. @throws message-too-large */
export const readAnswer = async (what: string, response: Response): Promise<GatewayAnswer> => {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    sizeBytes += piece.length;
    if (sizeBytes > longestAnswerBytes)
      throw new PapilioError('message-too-large', `${what}: its answer has more than ${longestAnswerBytes} bytes`);
    pieces.push(piece);
  }
  return { status: response.status, headers: response.headers, text: Buffer.concat(pieces).toString('utf8') };
};

/** Statuses of a gateway that cannot reach a function; by 502 the function may have begun. */
const passing: ReadonlyMap<number, boolean> = new Map([
  [429, false],
  [502, true],
  [503, false],
]);

/** What an answer means: a result, a reason to try again, or an error. What the function itself says is in a header of its own. */
export const answerOf = (name: string, answer: GatewayAnswer): Tried<GatewayAnswer> => {
  const { status, headers, text } = answer;
  if (headers.has('x-function-error')) throw failureOf(name, text);
  if (status >= 200 && status < 300) return { value: answer };
  const isGateways = status >= 500 && headers.has('x-openfaas-internal');
  const mayHaveBegun = passing.get(status) ?? (isGateways || undefined);
  if (mayHaveBegun !== undefined)
    return { again: wordsOf(answer), mayHaveBegun, afterMs: retryAfterMs(headers.get('retry-after')) };
  throw refusalOf(`function ${name}`, answer);
};

/** An answer that will be no other the next time. */
export const refusalOf = (what: string, answer: GatewayAnswer): PapilioError => {
  const { status } = answer;
  const reason = `${what}: ${wordsOf(answer)}`;
  if (status === 401 || status === 403)
    return new PapilioError('config-invalid', `${what}: the gateway does not take the credentials (${status})`);
  if (status === 404) return new PapilioError('record-missing', reason);
  if (status === 413) return new PapilioError('message-too-large', reason);
  // Slow once is slow again: who waited so long does not wait five times.
  if (status === 504) return new PapilioError('plane-unavailable', reason);
  return new PapilioError(status >= 500 ? 'bug' : 'input-invalid', reason);
};

/** What a gateway said, for a person: no more than a line. */
const wordsOf = ({ status, text }: GatewayAnswer): string =>
  `${status} ${text.slice(0, shownChars).replace(/\s+/g, ' ').trim()}`.trim();
