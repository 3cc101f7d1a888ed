import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { type Config, environment } from '#lib/config';
import { PapilioError, problemOf } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, type Plane } from '../../functions/catalog.ts';
import { openCatalogueHost, runsAlone } from '../host/catalogue-host.ts';
import { joinRunners } from '../host/joined-runner.ts';
import type { FunctionHost, FunctionRunner, InvocationOutcome } from '../host/runner.ts';
import { awsConfigOf } from '../stack/stack-file.ts';
import type { Call } from './functions.ts';
import type { OpenStack } from './stack-keeping.ts';

/** The functions of a plane on a stack, wherever each of them runs. */
export type StackFunctions = {
  /** For the stack's Lambda. */
  readonly runner: FunctionRunner;
  /** For the plane's queues and schedules, where they do not run in the plane. */
  readonly call: (inPlane: Call) => Call;
  readonly close: () => Promise<void>;
};

type FunctionsOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly config: Config;
  readonly clock: Clock;
  readonly inPlane: FunctionRunner;
};

const closeWithinMs = 5_000;

/** What a function finds in its environment: where the stack's services are, and who it is there. */
const environmentOf = (stack: OpenStack, plane: Plane): Readonly<Record<string, string>> => {
  const own = Object.entries(environment()).flatMap(([name, value]) =>
    value !== undefined && name.startsWith('PAPILIO_') ? [[name, value] as const] : [],
  );
  const { endpoints, minio, region } = stack;
  const { credentials } = awsConfigOf(stack, accounts[plane], 'sqs');
  return {
    ...Object.fromEntries(own),
    PAPILIO_REGION: region,
    PAPILIO_INCOMING: resolve('incoming'),
    PAPILIO_SEAL_KEY_FILE: stack.sealKeyFile,
    PAPILIO_S3_ACCESS_KEY_ID: minio.accessKeyId,
    PAPILIO_S3_SECRET_ACCESS_KEY: minio.secretAccessKey,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_SFN: endpoints.sfn,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
  };
};

/** What a call came to, as a call within the plane would have returned or thrown it. */
const resultOf = (name: string, outcome: InvocationOutcome): unknown => {
  if (outcome.kind === 'answered') return jsonOf(outcome.payload);
  if (outcome.kind === 'refused')
    throw new PapilioError('plane-unavailable', `function ${name} was not begun: ${outcome.refusal.reason}`);
  const { code, reason } = problemOf(outcome.payload);
  throw new PapilioError(code, reason);
};

const callOf =
  (host: FunctionHost, catalog: FunctionsOptions['catalog']) =>
  (inPlane: Call): Call =>
  async (name, payload, ids) => {
    const entry = catalog[name];
    if (entry === undefined || !runsAlone(entry)) return inPlane(name, payload, ids);
    const requestId = ids.length === 1 ? (ids[0] ?? '') : randomUUID();
    return resultOf(name, await host.invoke({ name, payload: JSON.stringify(payload), requestId }));
  };

/** What functions write to their log goes to the plane's, without what the runtime says of each call. */
const passLogsOn = (host: FunctionHost): void => {
  for (const { spec } of host.list())
    host.followLogs(spec.name, ({ text }) => {
      if (text.startsWith('{')) process.stdout.write(`${text}\n`);
    });
};

const inProcesses = async (stack: OpenStack, options: FunctionsOptions): Promise<StackFunctions> => {
  const { plane, catalog, clock, inPlane } = options;
  const whereabouts = { region: stack.region, account: accounts[plane] };
  const host = await openCatalogueHost({
    catalog,
    plane,
    environment: environmentOf(stack, plane),
    clock,
    whereabouts,
  });
  passLogsOn(host);
  return {
    runner: joinRunners([host, inPlane]),
    call: callOf(host, catalog),
    close: () => host.close(closeWithinMs),
  };
};

/**
 * The functions of a plane on a stack. With `process` each instance is a process of its own under Lambda's runtime; those
 * that use a facility stay in the plane, beside it.
 */
export const openStackFunctions = async (stack: OpenStack, options: FunctionsOptions): Promise<StackFunctions> => {
  if (options.config.PAPILIO_FUNCTIONS === 'process') return inProcesses(stack, options);
  return { runner: options.inPlane, call: (inPlane) => inPlane, close: async () => undefined };
};
