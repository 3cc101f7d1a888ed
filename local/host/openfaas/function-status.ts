import type { FunctionDescription } from '../runner.ts';
import { secretsAnnotation } from './deployment-spec.ts';
import type { Images } from './images.ts';
import type { Places } from './places.ts';

/** Variables by which a host lets its functions in elsewhere: no list shows them. */
const hidden = /SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|KEY/i;

const shown = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.test(name)));

/** A function as OpenFaaS lists it. One that is enabled has a replica: it is started when it is called. */
export const functionStatus = (description: FunctionDescription, images: Images, { namespace }: Places) => {
  const { spec, isEnabled, instances, counts, deployedAt } = description;
  const replicas = isEnabled ? Math.max(1, instances) : 0;
  const { [secretsAnnotation]: held = '', ...annotations } = spec.annotations;
  return {
    name: spec.name,
    image: images.nameOf(spec.code),
    namespace,
    envProcess: '',
    envVars: shown(spec.environment),
    secrets: held === '' ? [] : held.split(','),
    labels: spec.labels,
    annotations,
    limits: { memory: `${spec.memoryMb}Mi` },
    invocationCount: counts.invocations,
    replicas,
    availableReplicas: replicas,
    createdAt: deployedAt,
  };
};
