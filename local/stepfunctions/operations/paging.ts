import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { isArray, parseJson } from '../json.ts';

/** How many results AWS gives where none are asked for. */
const PAGE_SIZE = 100;
/** AWS's limit on the age of a token. */
const TOKEN_MS = 86_400_000;

/** Paging as AWS's lists have it. */
export const Paging = {
  maxResults: z.number().int().min(0).max(1000).optional(),
  nextToken: z.string().min(1).max(1024).optional(),
};

/** The paging that a caller asks for. */
export type Asked = { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined };

/** A list by its operation and what else was asked for: a token of another one is refused. */
export type Listing = { readonly host: Host; readonly of: readonly (string | number | boolean | undefined)[] };

/** Where the next page begins. */
export type NextPage = { readonly nextToken: string } | Record<string, never>;

const invalidToken = (): AwsError => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

const seal = ({ host, of }: Listing, position: string, atMs: number): string =>
  createHmac('sha256', host.registry.secret)
    .update(JSON.stringify([of, position, atMs]))
    .digest('base64url')
    .slice(0, 22);

/** How many results a page has at most. */
export const pageSize = ({ maxResults }: Asked): number => maxResults || PAGE_SIZE;

/** The token of the page behind a position in a list. */
export const tokenOf = (listing: Listing, position: string): string => {
  const atMs = listing.host.context.clock.nowMs();
  return Buffer.from(JSON.stringify([position, atMs, seal(listing, position, atMs)])).toString('base64url');
};

/** The position that a token stands for; `undefined` without one. @throws InvalidToken */
export const positionOf = (listing: Listing, { nextToken }: Asked): string | undefined => {
  if (nextToken === undefined) return undefined;
  const parts = parseJson(Buffer.from(nextToken, 'base64url').toString());
  const [position, atMs, sealed] = isArray(parts ?? null) && isArray(parts) ? parts : [];
  if (typeof position !== 'string' || typeof atMs !== 'number') throw invalidToken();
  if (sealed !== seal(listing, position, atMs)) throw invalidToken();
  if (listing.host.context.clock.nowMs() >= atMs + TOKEN_MS) throw invalidToken();
  return position;
};

/** A number as a key: keys are compared as texts. */
export const keyOf = (value: number): string => String(value).padStart(16, '0');

/** As `keyOf`, the largest number first. */
export const lastFirst = (value: number): string => keyOf(Number.MAX_SAFE_INTEGER - value);

/**
 * Cuts one page out of a list, which comes in the order of its keys. A token stands for the last key of its page: nothing
 * comes twice or is missed, whatever is added and removed in between.
 */
export const page = <T>(
  all: Iterable<T>,
  asked: Asked,
  listing: Listing,
  keyIn: (item: T) => string,
): { items: readonly T[]; next: NextPage } => {
  const after = positionOf(listing, asked) ?? '';
  const keyed = Array.from(all, (item) => ({ item, key: keyIn(item) }));
  const left = keyed.filter(({ key }) => key > after).sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = left.slice(0, pageSize(asked));
  const last = items.at(-1);
  const next = last && items.length < left.length ? { nextToken: tokenOf(listing, last.key) } : {};
  return { items: items.map(({ item }) => item), next };
};
