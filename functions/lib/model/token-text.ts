import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from '@node-rs/crc32';

/**
 * The text of a token: `papilio_<16 hex of its id>_<43 of a 256-bit secret><6 of a checksum>` in base 62. The prefix and
 * the checksum let a scanner of repositories find it without false alarms, and a typing error be seen without a look-up.
 */
const form = /^papilio_([0-9a-f]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretLength = 43;
const sumLength = 6;

const base62 = (value: bigint, length: number): string => {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = `${digits[Number(rest % 62n)]}${text}`;
  return text;
};

const sumOf = (text: string): string => base62(BigInt(crc32(text)), sumLength);

/** Makes the text out of 16 hex and 32 random bytes. */
export const tokenText = (idHex: string, random: Uint8Array): string => {
  const body = `papilio_${idHex}_${base62(BigInt(`0x${Buffer.from(random).toString('hex')}`), secretLength)}`;
  return `${body}${sumOf(body)}`;
};

/** The 16 hex of its id in a token's text; undefined if it is none of ours, or was mistyped. */
export const idHexIn = (text: string): string | undefined => {
  const [, idHex] = form.exec(text) ?? [];
  return idHex !== undefined && sumOf(text.slice(0, -sumLength)) === text.slice(-sumLength) ? idHex : undefined;
};

/** Whether a text is meant as a token of ours. */
export const looksLikeToken = (text: string): boolean => text.startsWith('papilio_');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What papilio keeps of a token. Its 256 random bits are beyond guessing, so that one plain hash is enough. */
export const hashOfToken = (text: string): string => digest(text).toString('hex');

/** Whether a text has this hash; takes as long whatever it is. */
export const isHashOf = (text: string, hashSha256: string): boolean =>
  timingSafeEqual(digest(text), Buffer.from(hashSha256, 'hex'));
