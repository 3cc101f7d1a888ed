import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { boundConnections, type Charge } from './connections.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { createSeen } from './machine-tokens.ts';
import { addAudit } from './plugins/audit.ts';
import { addQuotas, boundPrincipals } from './plugins/bounds.ts';
import { answerBroken } from './plugins/broken-requests.ts';
import { byCertificate, guardFrontHeaders } from './plugins/client-certificate.ts';
import { addDeprecation } from './plugins/deprecation.ts';
import { addEtags } from './plugins/etag.ts';
import { addHeaders } from './plugins/headers.ts';
import { addIdentity, byMachineToken } from './plugins/identity.ts';
import { readJson } from './plugins/json.ts';
import { collectMethods } from './plugins/methods.ts';
import { addOpenapi } from './plugins/openapi.ts';
import { nameOperations } from './plugins/operations.ts';
import { addPolicy } from './plugins/policy.ts';
import { addProblems, failing, refuseUnknown } from './plugins/problems.ts';
import { limitRates, noteRefusedTokens } from './plugins/rate-limit.ts';
import { addUsage } from './plugins/usage.ts';
import { addAuditLog } from './routes/audit.ts';
import { addBundles } from './routes/bundles.ts';
import { addCommands } from './routes/commands.ts';
import { addErrors } from './routes/errors.ts';
import { addEvents } from './routes/events.ts';
import { addExecutions } from './routes/executions.ts';
import { addFacilities } from './routes/facilities.ts';
import { addJobs } from './routes/jobs.ts';
import { addMe } from './routes/me.ts';
import { addMeta } from './routes/meta.ts';
import { addPeriods } from './routes/periods.ts';
import { addPlacements } from './routes/placements.ts';
import { addProcessing } from './routes/processing.ts';
import { addProvenance } from './routes/provenance.ts';
import { addQuarantine } from './routes/quarantine.ts';
import { addRuns, addState } from './routes/runs.ts';
import { addStatus } from './routes/status.ts';
import { addStfs } from './routes/stfs.ts';
import { addTfs } from './routes/tfs.ts';
import { addTokens } from './routes/tokens.ts';
import { addUsageRoutes } from './routes/usage.ts';
import { addWorkflows } from './routes/workflows.ts';
import type { App, Surroundings } from './surroundings.ts';

const routes = [
  addMeta,
  addErrors,
  addStatus,
  addRuns,
  addState,
  addPeriods,
  addProcessing,
  addStfs,
  addTfs,
  addJobs,
  addFacilities,
  addBundles,
  addPlacements,
  addProvenance,
  addQuarantine,
  addCommands,
  addEvents,
  addUsageRoutes,
  addExecutions,
  addWorkflows,
];

/** A server that holds no more of anybody than the limits say. */
const bareApp = (surroundings: Surroundings, limits: Limits): { app: App; charge: Charge } => {
  const app: App = Fastify({
    logger: false,
    bodyLimit: 65_536,
    // What is too long is for the schemas to say.
    routerOptions: { maxParamLength: limits.headerMaxBytes },
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: limits.headerMaxBytes,
      // A request without Host is refused with a problem, like one with a foreign one.
      requireHostHeader: false,
    },
    clientErrorHandler: answerBroken(surroundings),
    // A URL that no route can be looked up with.
    frameworkErrors: (error, request, reply) => void failing(surroundings)(error, request, reply),
    genReqId: () => randomUUID(),
    // Behind a TLS front on this machine everybody comes from it: the front says where from, for audit and rates.
    trustProxy: surroundings.tlsFront === undefined ? false : 'loopback',
    // A stopping process lets answers that are held back go at once instead of waiting for them.
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  const charge = boundConnections(app.server, limits);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  readJson(app, limits.jsonMaxDepth);
  return { app, charge };
};

/** The HTTP API: the same application on a socket and in a function. It reads; what changes something goes to its owner. */
export const createApp = async (surroundings: Surroundings): Promise<App> => {
  const limits = { ...defaultLimits, ...surroundings.limits };
  const { app, charge } = bareApp(surroundings, limits);
  addQuotas(app);
  addHeaders(app, surroundings);
  addProblems(app, surroundings);
  noteRefusedTokens(app, surroundings, limits);
  guardFrontHeaders(app, surroundings);
  const seen = createSeen(surroundings);
  addIdentity(app, surroundings, [byMachineToken(surroundings, seen), byCertificate(surroundings)]);
  limitRates(app, surroundings, limits);
  refuseUnknown(app, collectMethods(app));
  const objects = addPolicy(app);
  boundPrincipals(app, charge, limits);
  addAudit(app, surroundings, seen);
  addUsage(app, surroundings);
  addDeprecation(app);
  addEtags(app);
  nameOperations(app);
  await addOpenapi(app);
  for (const add of routes) add(app, surroundings);
  addMe(app, objects);
  addAuditLog(app, surroundings);
  addTokens(app, surroundings, { seen, limits });
  return app;
};
