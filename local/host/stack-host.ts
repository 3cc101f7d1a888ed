import { resolve } from 'node:path';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, type Plane } from '../../functions/catalog.ts';
import type { StackFile } from '../stack/stack-file.ts';
import { openCatalogueHost } from './catalogue-host.ts';
import type { HostLimits } from './limits.ts';
import type { FunctionHost } from './runner.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A function that runs on its own finds its stack by AWS's own variables, whose account is the id of its key. */
export const stackVariables = (stack: StackFile, plane: Plane): Record<string, string> => ({
  ...Object.fromEntries(
    (['sfn', 'sqs', 'dynamodb', 's3'] as const).flatMap((service) => {
      const url = stack.endpoints[service];
      return url === undefined ? [] : [[`AWS_ENDPOINT_URL_${service.toUpperCase()}`, url]];
    }),
  ),
  AWS_ACCESS_KEY_ID: accounts[plane],
  AWS_SECRET_ACCESS_KEY: 'papilio',
  PAPILIO_S3_ACCESS_KEY_ID: stack.minio.accessKeyId,
  PAPILIO_S3_SECRET_ACCESS_KEY: stack.minio.secretAccessKey,
  PAPILIO_INSTANCE: stack.instance,
  PAPILIO_WING: stack.wing,
  PAPILIO_REGION: stack.region,
});

/** Settings of the plane that are its functions' too; where its folders are is told by whole paths. */
const settingsOf = (environment: Variables): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && name.startsWith('PAPILIO_') ? [[name, value] as const] : [],
    ),
  );

export type StackHostOptions = {
  readonly stack: StackFile;
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly clock: Clock;
  /** The plane's own environment: its settings are handed on. */
  readonly environment: Variables;
  /** Where DAQ leaves STF files. */
  readonly incomingFolder: string;
  readonly limits?: Partial<HostLimits>;
};

/**
 * Opens a host for the functions of a plane on a stack, each in processes of its own under Lambda's runtime. Facility functions
 * are not among them: they run in the plane. @throws what esbuild says
 */
export const openStackHost = (options: StackHostOptions): Promise<FunctionHost> => {
  const { stack, plane, catalog, clock, environment, incomingFolder, limits = {} } = options;
  return openCatalogueHost({
    catalog,
    plane,
    clock,
    limits,
    whereabouts: { region: stack.region, account: accounts[plane] },
    environment: {
      ...settingsOf(environment),
      ...stackVariables(stack, plane),
      PAPILIO_INCOMING: resolve(incomingFolder),
    },
  });
};
