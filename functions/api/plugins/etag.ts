import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { onSendAsyncHookHandler } from 'fastify';
import { PapilioError } from '#lib/errors';
import type { App } from '../surroundings.ts';

/** The ETag of a text: two answers with the same one say the same. */
export const etagOfText = (text: string | Buffer): string => `"${hash('sha1', text, 'base64url')}"`;

/** Whether a list of ETags, as If-Match and If-None-Match have it, names this one; `*` names any. */
export const namesEtag = (list: string, etag: string): boolean =>
  list.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));

/** Lets an act pass whose If-Match names the thing as it stands; some things have no ETag. @throws version-outdated */
export const needMatch = (ifMatch: string | undefined, etag: string | undefined): void => {
  if (ifMatch === undefined || namesEtag(ifMatch, etag ?? '*')) return;
  throw new PapilioError('version-outdated', `If-Match: ${ifMatch}; its ETag is ${etag ?? 'not given'}`);
};

/** The ETag that a route gave, or else one of what it answers; none for a stream. */
const etagOfAnswer = (given: unknown, payload: unknown): string | undefined => {
  if (typeof given === 'string') return given;
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? etagOfText(payload) : undefined;
};

/** Gives everything that can be got an ETag, and whoever has it already no body: 304. */
export const addEtags = (app: App): void => {
  const tell: onSendAsyncHookHandler = async ({ headers }, reply, payload: unknown) => {
    if (reply.statusCode !== 200) return payload;
    const etag = etagOfAnswer(reply.getHeader('etag'), payload);
    if (etag === undefined) return payload;
    // It may be kept, as long as it is asked each time whether it still holds.
    void reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (!namesEtag(headers['if-none-match'] ?? '', etag)) return payload;
    // Nobody will read what stands behind a stream.
    if (payload instanceof Readable) payload.destroy();
    void reply.code(304).removeHeader('content-length').removeHeader('content-type');
    return null;
  };
  app.addHook('onRoute', (route) => {
    const isGot = [route.method].flat().every((method) => ['GET', 'HEAD'].includes(method));
    if (isGot) route.onSend = [tell, ...[route.onSend ?? []].flat()];
  });
};
