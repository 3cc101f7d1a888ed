import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { AnchoredHead } from '../schema/anchor.ts';
import { canonicalJson } from './canonical-json.ts';

/** A head before it is signed. */
export type UnsignedHead = Omit<AnchoredHead, 'signature'>;

/** `previous` of the first head. */
export const anchorStart = '0'.repeat(64);

/** Signs a head with an Ed25519 key. */
export const signHead = (head: UnsignedHead, key: KeyObject): AnchoredHead => ({
  ...head,
  signature: sign(null, Buffer.from(canonicalJson(head)), key).toString('base64'),
});

/** SHA-256 of a head with its signature, in hex. */
export const headDigest = (head: AnchoredHead): string =>
  createHash('sha256').update(canonicalJson(head)).digest('hex');

/** Whether a head was signed with the key of a public key, SPKI in base64. */
export const isSignedBy = ({ signature, ...head }: AnchoredHead, publicKey: string): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(canonicalJson(head)), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

/** The public key of a private one in PEM, SPKI in base64. */
export const publicKeyOf = (pem: string): string =>
  createPublicKey(createPrivateKey(pem)).export({ format: 'der', type: 'spki' }).toString('base64');

/** A head as an anchor keeps it: one line of JSON. */
export const headLine = (head: AnchoredHead): string => canonicalJson(head);

/** The head of a line; undefined if it is none. */
export const readHead = (line: string): AnchoredHead | undefined => {
  try {
    return AnchoredHead.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};
