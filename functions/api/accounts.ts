import type { Principal } from '#schema/access';
import type { Bounds } from './limits.ts';

/** Who is charged for what a principal uses, and by which bounds: those of somebody known, or of this machine's own programs. */
export type Account = { readonly key: string; readonly class: keyof Bounds };

/** The owner of tokens that the administrator of the data folder has made. */
const administrator = 'admin';

/**
 * Account of a principal. Tokens that somebody has made are charged to their maker, so that making more of them gives
 * nobody more; only the administrator hands them to machines that have nothing to do with each other, and each of those
 * has an account of its own. Whoever shows nothing is one principal.
 */
export const accountOf = ({ kind, id, owner }: Principal): Account => {
  if (kind === 'anonymous' || kind === 'local-admin') return { key: kind, class: 'local' };
  const isHandedOut = kind === 'machine' && (owner === undefined || owner === administrator);
  return { key: isHandedOut ? `token ${id}` : `person ${owner ?? id}`, class: 'known' };
};
