import * as z from 'zod';
import { errorCatalogue } from '#lib/error-rows';
import { PapilioError } from '#lib/errors';
import { ErrorEntry } from '#schema/problem';
import { Health, Version } from '#schema/status';
import { answers } from '../answers.ts';
import { askPlanes } from '../status.ts';
import type { App, Surroundings } from '../surroundings.ts';

const isCode = (text: string): text is keyof typeof errorCatalogue => Object.hasOwn(errorCatalogue, text);

/** What this is and whether it is well. */
export const addMeta = (app: App, surroundings: Surroundings): void => {
  const { config } = surroundings;
  app.get(
    '/v1/version',
    {
      config: { policy: 'version.read' },
      schema: { tags: ['status'], summary: 'Build and instance', response: answers(Version) },
    },
    async () => ({
      name: 'papilio' as const,
      build: config.PAPILIO_BUILD,
      instance: config.PAPILIO_INSTANCE,
      wing: config.PAPILIO_WING,
      epoch: config.PAPILIO_EPOCH,
      api: 'v1' as const,
    }),
  );

  app.get(
    '/v1/health',
    {
      config: { policy: 'health.read' },
      schema: { tags: ['status'], summary: 'Whether both planes answer', response: answers(Health) },
    },
    async () => {
      const planes = await askPlanes(surroundings);
      return {
        isHealthy: planes.every((plane) => plane.isAlive),
        planes: planes.map(({ name, isAlive, lastNewsAt }) => ({ name, isAlive, lastNewsAt })),
      };
    },
  );

  app.get(
    '/v1/errors/:code',
    {
      config: { policy: 'error.read' },
      schema: {
        tags: ['status'],
        summary: 'What an error code means and what to do',
        params: z.object({ code: z.string().max(60) }),
        response: answers(ErrorEntry),
      },
    },
    async ({ params: { code } }) => {
      if (!isCode(code)) throw new PapilioError('record-missing', `error code ${JSON.stringify(code)}`);
      const { kind, message, todo } = errorCatalogue[code];
      return { code, kind, title: message, help: todo };
    },
  );

  app.get('/v1/openapi.json', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  app.get('/v1', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () => ({
    paths: Object.keys(app.swagger().paths ?? {}),
  }));
};
