import { Health, Readiness, Version } from '#schema/status';
import { createSightings } from '../../monitoring/sightings.ts';
import { answers } from '../answers.ts';
import { needReady } from '../ready.ts';
import { healthOf } from '../status.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What this is and whether it is well. */
export const addMeta = (app: App, surroundings: Surroundings): void => {
  const { config } = surroundings;
  const sightings = createSightings();
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
        summary: 'Whether papilio and all that it stands on work: planes, processes, disks, stores, brokers',
        response: answers(Health),
      },
    },
    async () => healthOf(surroundings, sightings),
  );

  app.get(
    '/v1/ready',
    {
      config: { policy: 'health.read' },
      schema: {
        tags: ['status'],
        summary:
          'Whether papilio can do its work: stores are readable, planes are followed, disks writable, brokers connected',
        description: 'Else 503, with the reasons. `/v1/health` has the same facts in full, and always answers 200.',
        response: answers(Readiness),
      },
    },
    async () => needReady(surroundings, await healthOf(surroundings, sightings)),
  );

  app.get('/v1/openapi.json', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  app.get('/v1', { config: { policy: 'openapi.read' }, schema: { hide: true } }, async () => ({
    paths: Object.keys(app.swagger().paths ?? {}),
  }));
};
