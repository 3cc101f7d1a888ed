import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { addHeaders } from './plugins/headers.ts';
import { addIdentity } from './plugins/identity.ts';
import { collectMethods } from './plugins/methods.ts';
import { addOpenapi } from './plugins/openapi.ts';
import { nameOperations } from './plugins/operations.ts';
import { addPolicy } from './plugins/policy.ts';
import { addProblems, failing } from './plugins/problems.ts';
import { addCommands } from './routes/commands.ts';
import { addEvents } from './routes/events.ts';
import { addExecutions } from './routes/executions.ts';
import { addJobs } from './routes/jobs.ts';
import { addMeta } from './routes/meta.ts';
import { addPeriods } from './routes/periods.ts';
import { addProcessing } from './routes/processing.ts';
import { addQuarantine } from './routes/quarantine.ts';
import { addRuns, addState } from './routes/runs.ts';
import { addStatus } from './routes/status.ts';
import { addStfs } from './routes/stfs.ts';
import { addTfs } from './routes/tfs.ts';
import { addWorkflows } from './routes/workflows.ts';
import type { App, Surroundings } from './surroundings.ts';

const routes = [
  addMeta,
  addStatus,
  addRuns,
  addState,
  addPeriods,
  addProcessing,
  addStfs,
  addTfs,
  addJobs,
  addQuarantine,
  addCommands,
  addEvents,
  addExecutions,
  addWorkflows,
];

/** More than every view, CLI and pilot of one machine holds, less than the files a process may have open by default. */
const maxConnections = 512;

/** The HTTP API: the same application on a socket and, later, in a function. It reads; what changes something goes to its owner. */
export const createApp = async (surroundings: Surroundings): Promise<App> => {
  const app: App = Fastify({
    logger: false,
    bodyLimit: 65_536,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 10_000,
    // A URL that no route can be looked up with.
    frameworkErrors: (error, request, reply) => void failing(surroundings)(error, request, reply),
    genReqId: () => randomUUID(),
    // A stopping process lets answers that are held back go at once instead of waiting for them.
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = maxConnections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addHeaders(app, surroundings);
  addProblems(app, surroundings, collectMethods(app));
  addIdentity(app, surroundings);
  addPolicy(app);
  nameOperations(app);
  await addOpenapi(app);
  for (const add of routes) add(app, surroundings);
  return app;
};
