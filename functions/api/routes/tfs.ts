import { Readable } from 'node:stream';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { BxNumber, U64 } from '#schema/tf';
import { CoverageView, TfView } from '#schema/tf-index';
import { answers, linkNext } from '../answers.ts';
import { findBx } from '../bx-view.ts';
import { coverageOf } from '../coverage-view.ts';
import { RunText, runIdOf, runNumberOf } from '../ids.ts';
import { pageQuery, readCursor, wholeNumber, writeCursor } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { bytesOf, findTf, verifiedCrc } from '../tf-view.ts';

const tfBytes = {
  ...answers(TfView),
  200: {
    description: 'Bytes as they are',
    content: { 'application/octet-stream': { schema: z.unknown().meta({ type: 'string', format: 'binary' }) } },
  },
} as const;

const tfParams = z.object({ tf: U64.describe('Number of a TF, decimal') });

/** Timeframes: where they are, and their bytes. */
export const addTfs = (app: App, surroundings: Surroundings): void => {
  app.get(
    '/v1/tfs/:tf',
    {
      config: { policy: 'tf.read' },
      schema: {
        tags: ['tfs'],
        summary: 'Where a TF is: the STFs that hold it, and its bytes in each',
        params: tfParams,
        response: answers(TfView),
      },
    },
    ({ params }) => findTf(params.tf, surroundings),
  );

  app.get(
    '/v1/bxs/:bx',
    {
      config: { policy: 'tf.read' },
      schema: {
        tags: ['tfs'],
        summary: 'The TF of a bunch crossing, and where it is',
        params: z.object({ bx: BxNumber.describe('Number of a BX, decimal') }),
        querystring: z.object({
          run: RunText.optional().describe('Of which run, where runs differ in BXs a TF and several have that number'),
        }),
        response: answers(TfView),
      },
    },
    ({ params: { bx }, query: { run } }) =>
      findBx(
        bx,
        run === undefined ? undefined : runNumberOf(runIdOf(run, surroundings.config.PAPILIO_INSTANCE)),
        surroundings,
      ),
  );

  app.get(
    '/v1/tfs/:tf/bytes',
    {
      config: { policy: 'tf.read' },
      schema: {
        tags: ['tfs'],
        summary: 'The bytes of a TF',
        description:
          'Read through and compared with its CRC-32C before the first byte is sent. `papilio-crc32c` is the CRC-32C of the bytes that come, `papilio-stf` the STF that they come from.',
        params: tfParams,
        querystring: z.object({
          sequence: wholeNumber(z.number().min(0)).optional().describe('Of which STF, where several hold it'),
        }),
        response: tfBytes,
      },
    },
    async ({ params, query: { sequence } }, reply) => {
      const { tf, copies } = await findTf(params.tf, surroundings);
      const copy = copies.find((one) => sequence === undefined || one.sequence === sequence);
      if (!copy) throw new PapilioError('record-missing', `TF ${tf} in the STF of sequence ${sequence}`);
      const crc = await verifiedCrc(tf, copy, surroundings.archive);
      const sizeBytes = copy.endByte - copy.firstByte;
      void reply.headers({
        etag: `"${crc}"`,
        'papilio-crc32c': crc,
        'papilio-stf': copy.name,
        'content-length': sizeBytes,
      });
      return reply.type('application/octet-stream').send(Readable.from(bytesOf(copy, surroundings.archive)));
    },
  );
  addCoverage(app, surroundings);
};

const addCoverage = (app: App, surroundings: Surroundings): void => {
  app.get(
    '/v1/runs/:run/coverage',
    {
      config: { policy: 'tf.read' },
      schema: {
        tags: ['tfs'],
        summary: 'What of a run’s TFs is in the archive: held, gaps and overlaps, line after line',
        params: z.object({ run: RunText }),
        querystring: z.object(pageQuery),
        response: answers(CoverageView),
      },
    },
    async ({ params, query: { limit, cursor } }, reply) => {
      const run = runNumberOf(runIdOf(params.run, surroundings.config.PAPILIO_INSTANCE));
      const tfFrom = cursor === undefined ? undefined : tfOfCursor(cursor);
      const { tfNext, ...page } = await coverageOf({ run, limit, tfFrom }, surroundings);
      const next = tfNext === undefined ? undefined : writeCursor(String(tfNext));
      linkNext(reply, next);
      return { ...page, ...(next && { next }) };
    },
  );
};

const tfOfCursor = (cursor: string): bigint => {
  const tf = U64.safeDecode(readCursor(cursor));
  if (tf.success && tf.data > 0n) return tf.data;
  throw new PapilioError('cursor-unknown', 'not one that this list gave');
};
