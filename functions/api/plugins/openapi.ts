import swagger from '@fastify/swagger';
import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Explain, PlacementView } from '#schema/assignment';
import { AuditLine } from '#schema/audit';
import { BundleView } from '#schema/bundle';
import { FunctionView, WorkflowLine, WorkflowView } from '#schema/catalogue';
import { CommandView } from '#schema/command';
import { MessageRecord } from '#schema/daq-message';
import { Event } from '#schema/event';
import { Facility } from '#schema/facility';
import { Attempt, Job } from '#schema/job';
import { Can, Me } from '#schema/me';
import { Output } from '#schema/output';
import { ErrorEntry, ProblemDetails } from '#schema/problem';
import { ProvenanceView } from '#schema/provenance';
import { Run } from '#schema/run';
import { Figures, Health, PlaneView, Readiness, Ribbon, Status, Summary, Version } from '#schema/status';
import { Replica, Stf } from '#schema/stf';
import { TokenMade, TokenView } from '#schema/token';
import { UsageGraduate, UsageLine } from '#schema/usage';
import { HistoryStep, JobView, QuarantineLine, QuarantineView, RunView, StfView, Trace } from '#schema/view';
import type { App } from '../surroundings.ts';
import { documentPaths, documentRoute, sharedParts } from './document.ts';

/** Nouns that stand in the document once, under their own name; a generated client has a class for each. */
const nouns = {
  Attempt,
  AuditLine,
  BundleView,
  Can,
  CommandView,
  ErrorEntry,
  Event,
  Explain,
  Facility,
  Figures,
  FunctionView,
  Health,
  HistoryStep,
  Job,
  JobView,
  Me,
  MessageRecord,
  Output,
  PlacementView,
  PlaneView,
  ProblemDetails,
  ProvenanceView,
  QuarantineLine,
  QuarantineView,
  Readiness,
  Replica,
  Ribbon,
  Run,
  RunView,
  Status,
  Stf,
  StfView,
  Summary,
  TokenMade,
  TokenView,
  Trace,
  UsageGraduate,
  UsageLine,
  Version,
  WorkflowLine,
  WorkflowView,
} as const;

for (const [id, schema] of Object.entries(nouns)) z.globalRegistry.add(schema, { id });

/** The API only answers with these nouns; the forms in which it would take them stay out of the document. */
const withoutInputs: typeof jsonSchemaTransformObject = (source) => {
  const document = jsonSchemaTransformObject(source);
  // The document was made just now, for this call.
  const schemas = 'components' in document ? (document.components?.schemas ?? {}) : {};
  for (const name of Object.keys(schemas)) if (!Object.hasOwn(nouns, name)) delete schemas[name];
  return 'paths' in document ? { ...document, paths: documentPaths(document.paths) } : document;
};

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
        { name: 'periods', description: 'Run periods: named parts of the stream, which may overlap' },
        { name: 'stfs', description: 'Super timeframes' },
        { name: 'tfs', description: 'Timeframes, by number and by bunch crossing' },
        { name: 'jobs', description: 'Processing' },
        { name: 'outputs', description: 'What was made, and out of what' },
        { name: 'facilities', description: 'Where jobs run' },
        { name: 'executions', description: 'Executions of state machines' },
        { name: 'workflows', description: 'Definitions of state machines' },
        { name: 'events', description: 'The event logs' },
        { name: 'quarantine', description: 'What broke a rule' },
        { name: 'commands', description: 'What people asked papilio to do' },
        { name: 'usage', description: 'How the interface is used' },
        { name: 'access', description: 'Who asks, what they may do, tokens, and who did what' },
      ],
      components: {
        ...sharedParts,
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A token of an issuer that papilio trusts, one that papilio has made for a machine, or `admin.token` of the data folder',
          },
        },
      },
    },
    transform: documentRoute,
    transformObject: withoutInputs,
  });
};
