import { Health, isPlaneWell, Readiness, Version } from '#schema/status';
import { answers } from '../answers.ts';
import { needReady } from '../ready.ts';
import { askPlanes } from '../status.ts';
import type { App, Surroundings } from '../surroundings.ts';

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
      schema: {
        tags: ['status'],
        summary: 'Whether both planes answer, and their services',
        response: answers(Health),
      },
    },
    async () => {
      const planes = await askPlanes(surroundings);
      return {
        isHealthy: planes.every(isPlaneWell),
        planes: planes.map(({ name, isAlive, lastNewsAt, servicesAway }) => ({
          name,
          isAlive,
          lastNewsAt,
          servicesAway,
        })),
      };
    },
  );

  app.get(
    '/v1/ready',
    {
      config: { policy: 'health.read' },
      schema: {
        tags: ['status'],
        summary: 'Whether what is asked can be answered: stores are readable, planes are followed',
        description:
          'Else 503, with what is not. Health says whether the planes answer; this, whether to send requests here.',
        response: answers(Readiness),
      },
    },
    async () => needReady(surroundings),
  );

  app.get('/v1/openapi.json', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  app.get('/v1', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () => ({
    paths: Object.keys(app.swagger().paths ?? {}),
  }));
};
