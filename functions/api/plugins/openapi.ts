import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from '../surroundings.ts';

/** Describes the routes as OpenAPI 3.1, made from their zod schemas. */
export const addOpenapi = async (app: App): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'papilio',
        // The version of the interface, not of a build: the document is compared with the last release.
        version: '1',
        description: 'Workflow and workload management for the streaming computing of ePIC.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'status', description: 'How it goes' },
        { name: 'runs', description: 'Data-taking runs and the detector’s state' },
        { name: 'stfs', description: 'Super timeframes' },
        { name: 'jobs', description: 'Processing' },
        { name: 'events', description: 'The event logs' },
        { name: 'quarantine', description: 'What broke a rule' },
      ],
    },
    transform: jsonSchemaTransform,
  });
};
