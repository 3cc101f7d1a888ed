import * as z from 'zod';
import type { FunctionSpec } from '../runner.ts';
import type { Images } from './images.ts';
import type { Places } from './places.ts';
import { readMemoryMb, readTimeoutS } from './quantities.ts';
import type { Secrets } from './secrets.ts';

const texts = z
  .record(z.string().max(256), z.string().max(32_768))
  .nullish()
  .transform((value) => value ?? {});

/** What OpenFaaS takes for a function to deploy, as far as it means something here; what else is said is passed over. */
export const FunctionDeployment = z.object({
  service: z.string(),
  image: z.string(),
  namespace: z.string().nullish(),
  envVars: texts,
  labels: texts,
  annotations: texts,
  secrets: z
    .array(z.string())
    .nullish()
    .transform((names) => names ?? []),
  limits: z.object({ memory: z.string().optional() }).nullish(),
});
export type FunctionDeployment = z.infer<typeof FunctionDeployment>;

/** How a code is deployed unless its deployment says otherwise. */
export type Usual = Pick<FunctionSpec, 'memoryMb' | 'timeoutS' | 'concurrency'> & {
  /** Where its services are, and who it is there: what a deployment says comes on top. */
  readonly environment?: FunctionSpec['environment'];
};

/** What deployments are read by. */
export type DeploymentRules = {
  readonly images: Images;
  readonly places: Places;
  readonly secrets: Secrets | undefined;
  readonly usual: (code: string) => Usual;
};

/** Variables by which more than the function could be changed: what runs it, and where it takes code from. */
const reserved = /^(NODE_|LD_|DYLD_|OPENSSL_|LAMBDA_|AWS_LAMBDA_|_|PATH$|HOME$|SHELL$|IFS$)/;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where a deployment says how many of its instances may run at once, and where a listing finds its secrets again. */
const concurrencyLabel = 'com.openfaas.scale.max';
export const secretsAnnotation = 'papilio.secrets';

/** What is wrong with a deployment; undefined if nothing is. */
const flawOf = async (
  wanted: FunctionDeployment,
  { places, secrets }: DeploymentRules,
): Promise<string | undefined> => {
  const { service, namespace, envVars } = wanted;
  if (places.nameIn(service) !== service) return `${JSON.stringify(service.slice(0, 80))} is no name of a function`;
  if (!places.isOurs(namespace)) return `namespace ${namespace} is not here`;
  const refused = Object.keys(envVars).find((key) => reserved.test(key) || !variableName.test(key));
  if (refused !== undefined) return `variable ${JSON.stringify(refused)} cannot be set for a function`;
  if (wanted.secrets.length === 0) return undefined;
  const there = new Set(await secrets?.names());
  const absent = wanted.secrets.find((name) => !there.has(name));
  return absent === undefined ? undefined : `secret ${JSON.stringify(absent)} is not here: make it first`;
};

/** The function that a deployment asks for, or why there can be none. */
export const specOf = async (wanted: FunctionDeployment, rules: DeploymentRules): Promise<FunctionSpec | string> => {
  const flaw = await flawOf(wanted, rules);
  if (flaw !== undefined) return flaw;
  const image = rules.images.read(wanted.image);
  if (!image.ok) return image.reason;
  const { envVars, labels, annotations } = wanted;
  const usual = rules.usual(image.code);
  const hasSecrets = wanted.secrets.length > 0 && rules.secrets !== undefined;
  return {
    name: wanted.service,
    code: image.code,
    memoryMb: readMemoryMb(wanted.limits?.memory, usual.memoryMb),
    timeoutS: readTimeoutS(envVars.exec_timeout, usual.timeoutS),
    concurrency: Number(labels[concurrencyLabel] ?? usual.concurrency),
    environment: {
      ...usual.environment,
      ...envVars,
      ...(hasSecrets ? { secret_mount_path: rules.secrets.folder } : {}),
    },
    labels,
    annotations: { ...annotations, ...(hasSecrets ? { [secretsAnnotation]: wanted.secrets.join(',') } : {}) },
  };
};
