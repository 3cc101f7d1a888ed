import type { CryptoKey } from 'jose';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { FetchDocument } from './fetch-document.ts';
import { type KeySet, placeOf, readKeySet } from './key-set.ts';
import { policy } from './policy.ts';
import { refuse } from './refuse.ts';
import type { Algorithm } from './token.ts';

/** The keys of one issuer. */
export type IssuerKeys = {
  /** @throws token-refused if the issuer has no such key, identity-unavailable if nobody knows */
  readonly find: (alg: Algorithm, kid: string) => Promise<CryptoKey>;
};

type Options = {
  readonly issuer: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetchDocument: FetchDocument;
};

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Where an issuer's keys are, by its own word: under its own name, for a document elsewhere is another's word. */
const keysUrl = (issuer: string, document: unknown): URL => {
  const found = Discovery.parse(document);
  const url = new URL(found.jwks_uri);
  if (found.issuer !== issuer) throw new Error('its discovery document is of another issuer');
  if (url.origin !== new URL(issuer).origin) throw new Error('its jwks_uri is not under its own name');
  return url;
};

/**
 * Keys of an issuer that the operator named: fetched when first needed, again in the background before they are old, and
 * once in a while for a token that names an unknown one. One request at a time, whoever waits for it; an issuer that
 * does not answer is left alone for a while, and its last keys are good for an hour.
 */
export const createIssuerKeys = ({ issuer, clock, log, fetchDocument }: Options): IssuerKeys => {
  let held: { readonly keys: KeySet; readonly atMs: number } | undefined;
  let url: URL | undefined;
  let failedAtMs: number | undefined;
  let running: Promise<void> | undefined;

  const ask = async (signal: AbortSignal): Promise<void> => {
    const discovery = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    url ??= keysUrl(issuer, await fetchDocument(discovery, signal));
    const keys = await readKeySet(await fetchDocument(url, signal));
    held = { keys, atMs: clock.nowMs() };
    failedAtMs = undefined;
  };

  const load = async (): Promise<void> => {
    const late = new AbortController();
    const cancel = clock.at(clock.nowMs() + policy.issuerTimeoutMs, () => late.abort(new Error('no answer in time')));
    try {
      await ask(late.signal);
    } catch (error) {
      failedAtMs = clock.nowMs();
      // It may have moved: the next time begins with its discovery document.
      url = undefined;
      log.warn({ issuer, reason: String(error) }, 'issuer gives no keys');
    } finally {
      cancel();
    }
  };

  const refresh = (): Promise<void> => {
    running ??= load().finally(() => {
      running = undefined;
    });
    return running;
  };

  const ageMs = (): number => (held ? clock.nowMs() - held.atMs : Number.POSITIVE_INFINITY);
  const isLeftAlone = (): boolean => failedAtMs !== undefined && clock.nowMs() < failedAtMs + policy.failedMs;
  const unavailable = () => new PapilioError('identity-unavailable', issuer);

  /** Sees to it that there are keys, and waits only if there are none to go on with. */
  const freshen = async (): Promise<void> => {
    const limitMs = failedAtMs === undefined ? policy.keysFreshMs : policy.keysStaleMs;
    if (ageMs() <= policy.keysSoftMs || isLeftAlone()) return;
    const asked = refresh();
    if (ageMs() > limitMs) await asked;
  };

  const known = (place: string): CryptoKey | undefined => {
    if (held === undefined || ageMs() > policy.keysStaleMs) throw unavailable();
    return held.keys.get(place);
  };

  const find = async (alg: Algorithm, kid: string): Promise<CryptoKey> => {
    const place = placeOf(alg, kid);
    await freshen();
    const before = known(place);
    if (before) return before;
    if (isLeftAlone()) throw unavailable();
    if (ageMs() < policy.unknownKeyMs) return refuse('its issuer has no such key (kid) for its algorithm');
    await refresh();
    const after = known(place);
    if (after) return after;
    if (failedAtMs !== undefined) throw unavailable();
    return refuse('its issuer has no such key (kid) for its algorithm');
  };

  return { find };
};
