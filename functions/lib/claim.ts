import { createHash } from 'node:crypto';
import * as z from 'zod';
import { PapilioError } from './errors.ts';
import { jsonOf } from './model/json.ts';
import type { Objects } from './ports/objects.ts';
import { Claim, claimLimitBytes } from './schema/claim.ts';

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Puts an input among the objects and gives the text that travels in its place. The key follows from the content: a repeat
 * finds it there. @throws message-too-large, and what the objects throw
 */
export const claimText = async (what: string, text: string, objects: Objects): Promise<string> => {
  const bytes = Buffer.from(text);
  if (bytes.length > claimLimitBytes) throw new PapilioError('message-too-large', `${what}: ${bytes.length} bytes`);
  const checksumSha256 = sha256Of(bytes);
  const object = `calls/${checksumSha256}`;
  await objects.putBytes(object, bytes);
  return JSON.stringify({ $papilio: { object, sizeBytes: bytes.length, checksumSha256 } } satisfies Claim);
};

/** The input that a claim stands for; any other input as it is. @throws input-invalid, object-missing, object-corrupt */
export const redeem = async (what: string, input: unknown, objects: () => Objects): Promise<unknown> => {
  if (typeof input !== 'object' || input === null || !('$papilio' in input)) return input;
  const parsed = Claim.safeParse(input);
  if (!parsed.success) throw new PapilioError('input-invalid', `${what}: ${z.prettifyError(parsed.error)}`);
  const { object, sizeBytes, checksumSha256 } = parsed.data.$papilio;
  const bytes = await objects().readRange(object, 0, sizeBytes + 1);
  const found = sha256Of(bytes);
  if (found !== checksumSha256) {
    const expected = `expected ${sizeBytes} bytes, SHA-256 ${checksumSha256}`;
    throw new PapilioError('object-corrupt', `${object}: ${expected}, found ${bytes.length} bytes, ${found}`);
  }
  const value = jsonOf(Buffer.from(bytes).toString('utf8'));
  if (value === undefined) throw new PapilioError('input-invalid', `${what}: ${object} is no JSON`);
  return value;
};
