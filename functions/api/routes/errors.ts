import * as z from 'zod';
import { errorCatalogue, isPassing } from '#lib/error-rows';
import { type ErrorCode, PapilioError } from '#lib/errors';
import { ErrorEntry, ErrorPage } from '#schema/problem';
import { answers, linkNext } from '../answers.ts';
import { pageQuery, readCursor, writeCursor } from '../lists.ts';
import type { App } from '../surroundings.ts';

const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text);

const entryOf = (code: ErrorCode): ErrorEntry => {
  const { kind, message, cause, evidence, todo } = errorCatalogue[code];
  return { code, kind, title: message, cause, evidence, help: todo, retryable: isPassing(kind) };
};
const codes = Object.keys(errorCatalogue).filter(isCode).sort();

/** What can go wrong, and what to do about it. */
export const addErrors = (app: App): void => {
  app.get(
    '/v1/errors',
    {
      config: { policy: 'error.read' },
      schema: {
        tags: ['status'],
        summary: 'Every error code, what it means and what to do',
        querystring: z.object({
          kind: ErrorEntry.shape.kind.optional().describe('What follows from them'),
          ...pageQuery,
        }),
        response: answers(ErrorPage),
      },
    },
    async ({ query: { kind, limit, cursor } }, reply) => {
      const from = cursor === undefined ? '' : readCursor(cursor);
      const left = codes.filter((code) => code >= from && (kind === undefined || errorCatalogue[code].kind === kind));
      const next = left[limit] && writeCursor(left[limit]);
      linkNext(reply, next);
      return { items: left.slice(0, limit).map(entryOf), ...(next !== undefined && { next }) };
    },
  );

  app.get(
    '/v1/errors/:code',
    {
      config: { policy: 'error.read' },
      schema: {
        tags: ['status'],
        summary: 'What an error code means and what to do',
        params: z.object({ code: z.string().max(60).describe('A code, as problems have it') }),
        response: answers(ErrorEntry),
      },
    },
    async ({ params: { code } }) => {
      if (!isCode(code)) throw new PapilioError('record-missing', `error code ${JSON.stringify(code)}`);
      return entryOf(code);
    },
  );
};
