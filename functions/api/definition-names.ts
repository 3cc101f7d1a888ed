import { PapilioError } from '#lib/errors';
import { accounts, catalog, machines, type Plane } from '../catalog.ts';

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const arn = (plane: Plane, region: string, service: string, rest: string): string =>
  `arn:aws:${service}:${region}:${accounts[plane]}:${rest}`;

const resolvers: Readonly<Record<string, (name: string, region: string) => string | undefined>> = {
  function: (name, region) => {
    const plane = own<{ plane: Plane }>(catalog, name)?.plane;
    return plane && arn(plane, region, 'lambda', `function:${name}`);
  },
  machine: (name, region) => {
    const plane = own<Plane>(machines, name);
    return plane && arn(plane, region, 'states', `stateMachine:${name}`);
  },
  // Only asked about, never sent to: any queue will do.
  queue: (name, region) => `https://sqs.${region}.amazonaws.com/${accounts.work}/${name}`,
};

const resolve = (inside: string, region: string): string => {
  const [kind = '', name = ''] = inside.split(':');
  const resolved = own(resolvers, kind)?.(name, region);
  if (resolved !== undefined) return resolved;
  const placeholder = `\${${inside}}`.slice(0, 100);
  throw new PapilioError('input-invalid', `${placeholder} is no function, queue or state machine of papilio`);
};

/**
 * Puts names in the place of `${function:NAME}`, `${queue:NAME}` and `${machine:NAME}`. Looks at each character once: the text
 * is anybody's. @throws input-invalid for a name that nobody has
 */
export const resolveNames = (definition: string, region: string): string => {
  const parts: string[] = [];
  let done = 0;
  for (let at = definition.indexOf('${'); at >= 0; at = definition.indexOf('${', done)) {
    const end = definition.indexOf('}', at);
    if (end < 0) break;
    parts.push(definition.slice(done, at), resolve(definition.slice(at + 2, end), region));
    done = end + 1;
  }
  return parts.join('') + definition.slice(done);
};
