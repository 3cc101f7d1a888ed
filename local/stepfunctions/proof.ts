import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** A key's two halves of an HMAC. */
type Pads = { readonly secret: string; readonly inner: string; readonly outer: Buffer };

const padded = (secret: string, filling: number): Buffer => {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  bytes.write(secret, 'latin1');
  return Buffer.from(bytes.map((byte) => byte ^ filling));
};

const padsOf = (secret: string): Pads => ({
  secret,
  inner: padded(secret, 0x36).toString('latin1'),
  outer: Buffer.concat([padded(secret, 0x5c), Buffer.alloc(HASH_BYTES)]),
});

let pads = padsOf('');

/**
 * HMAC-SHA256 of a text in base64url. By two plain hashes, because `createHmac` takes three times as long, and a recovery
 * makes the token of every task that ever was. The secret is ASCII and no longer than a block.
 */
export const proofOf = (secret: string, text: string): string => {
  if (secret !== pads.secret) pads = padsOf(secret);
  hash('sha256', pads.inner + text, 'buffer').copy(pads.outer, BLOCK_BYTES);
  return hash('sha256', pads.outer, 'base64url');
};
