import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import type { Host } from '../host.ts';
import { Arn, machineArnOf } from '../machines/arn.ts';
import type { Alias, MachineEntry } from '../machines/entry.ts';
import type { Route } from '../machines/records.ts';
import { checkActive, namedBy } from '../machines/target.ts';
import { versionArn } from '../machines/versions.ts';
import { type Operation, operation } from './operation.ts';
import { keyOf, Paging, page } from './paging.ts';

const MAX_ALIASES = 100;

const AliasName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/);
const Description = z.string().max(256);
const Routing = z
  .array(z.object({ stateMachineVersionArn: Arn, weight: z.int().min(0).max(100) }))
  .min(1)
  .max(2);
type Routing = z.infer<typeof Routing>;

const badRouting = (problem: string, received: readonly unknown[]): AwsError =>
  new AwsError('ValidationException', `${problem} Received: [${received.join(', ')}]`, 400, {
    reason: 'INVALID_ROUTING_CONFIGURATION',
  });

const noResource = (arn: string): AwsError =>
  new AwsError('ResourceNotFound', 'Request references a resource that does not exist.', 400, { resourceName: arn });

/** The machine that a routing is for, and its routes. @throws ValidationException, ResourceNotFound */
const routed = (host: Host, routing: Routing): { readonly entry: MachineEntry; readonly routes: readonly Route[] } => {
  const arns = routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const weights = routing.map(({ weight }) => weight);
  const named = arns.map(machineArnOf);
  const [{ name, machineArn } = { name: '', machineArn: '' }] = named;
  const routes = named.flatMap(({ version }, at) => (version ? [{ version, weight: weights[at] ?? 0 }] : []));
  if (routes.length < named.length) {
    throw badRouting('Routing configuration must contain state machine version ARNs.', arns);
  }
  if (new Set(arns).size < arns.length) {
    throw badRouting('Routing configuration must contain distinct state machine version ARNs.', arns);
  }
  if (named.some((each) => each.machineArn !== machineArn)) {
    throw badRouting('Routing configuration must contain versions of the same state machine.', arns);
  }
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
    throw badRouting('Sum of routing configuration weights must equal 100.', weights);
  }
  const entry = host.registry.machines.get(name);
  if (!entry || entry.arn !== machineArn) throw noResource(machineArn);
  checkActive(entry);
  const missing = arns.find((_, at) => !entry.versions.has(routes[at]?.version ?? 0));
  if (missing) throw noResource(missing);
  return { entry, routes };
};

const arnOf = ({ arn }: MachineEntry, { name }: Pick<Alias, 'name'>): string => `${arn}:${name}`;

const created = (entry: MachineEntry, alias: Pick<Alias, 'name' | 'createdAtMs'>): object => ({
  stateMachineAliasArn: arnOf(entry, alias),
  creationDate: seconds(alias.createdAtMs),
});

const createStateMachineAlias = operation(
  z.object({ name: AliasName, description: Description.optional(), routingConfiguration: Routing }),
  async (host, { name, description, routingConfiguration }) => {
    const { entry, routes } = routed(host, routingConfiguration);
    const former = entry.aliases.get(name);
    if (former) {
      if (former.description !== description || !isDeepStrictEqual(former.routes, routes)) {
        const problem = 'an alias with the same name and a different routing configuration already exists.';
        throw new AwsError('ConflictException', `Failed to create alias because ${problem}`, 409);
      }
      await host.context.journal.synced();
      return created(entry, former);
    }
    if (entry.aliases.size >= MAX_ALIASES) {
      const problem = `A state machine has at most ${MAX_ALIASES} aliases; delete some of '${entry.arn}' first`;
      throw new AwsError('ServiceQuotaExceededException', problem, 402);
    }
    const atMs = host.context.clock.nowMs();
    await host.write({ kind: 'aliasSet', name: entry.name, alias: name, description, routes: [...routes], atMs });
    return created(entry, { name, createdAtMs: atMs });
  },
);

type Found = { readonly entry: MachineEntry; readonly alias: Alias };

/** Finds an alias; nothing if there is none. @throws ValidationException for the ARN of something else */
const found = (host: Host, arn: string): Found | undefined => {
  const { name, machineArn, alias: aliasName } = machineArnOf(arn);
  if (aliasName === undefined) throw new AwsError('ValidationException', `'${arn}' is not the ARN of an alias`);
  const entry = host.registry.machines.get(name);
  const alias = entry?.aliases.get(aliasName);
  return entry && alias && entry.arn === machineArn ? { entry, alias } : undefined;
};

const aliasOf = (host: Host, arn: string): Found => {
  const alias = found(host, arn);
  if (alias) return alias;
  throw noResource(arn);
};

const ByAlias = z.object({ stateMachineAliasArn: Arn });

const updateStateMachineAlias = operation(
  ByAlias.extend({ description: Description.optional(), routingConfiguration: Routing.optional() }),
  async (host, { stateMachineAliasArn, description, routingConfiguration }) => {
    const { entry, alias } = aliasOf(host, stateMachineAliasArn);
    if (description === undefined && routingConfiguration === undefined) {
      const problem = 'Either the description or the routing configuration must be specified';
      throw new AwsError('ValidationException', problem, 400, { reason: 'MISSING_REQUIRED_PARAMETER' });
    }
    const given = routingConfiguration && routed(host, routingConfiguration);
    if (given && given.entry !== entry) {
      const arns = routingConfiguration.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
      throw badRouting('Routing configuration must contain versions of the same state machine.', arns);
    }
    const atMs = host.context.clock.nowMs();
    await host.write({
      kind: 'aliasSet',
      name: entry.name,
      alias: alias.name,
      description: description ?? alias.description,
      routes: [...(given?.routes ?? alias.routes)],
      atMs,
    });
    return { updateDate: seconds(atMs) };
  },
);

const describeStateMachineAlias = operation(ByAlias, async (host, { stateMachineAliasArn }) => {
  const { entry, alias } = aliasOf(host, stateMachineAliasArn);
  const { name, description, routes, updatedAtMs } = alias;
  return {
    ...created(entry, alias),
    name,
    ...(description !== undefined && { description }),
    routingConfiguration: routes.map(({ version, weight }) => ({
      stateMachineVersionArn: versionArn(entry.arn, version),
      weight,
    })),
    updateDate: seconds(updatedAtMs),
  };
});

const listStateMachineAliases = operation(
  z.object({ ...Paging, stateMachineArn: Arn }),
  async (host, { stateMachineArn, ...paging }) => {
    const { entry, version, alias } = namedBy(host, stateMachineArn);
    if (alias !== undefined) {
      throw new AwsError('ValidationException', `'${stateMachineArn}' is not the ARN of a state machine or version`);
    }
    const leads = ({ routes }: Alias): boolean =>
      version === undefined || routes.some((route) => route.version === version);
    const listing = { host, of: ['ListStateMachineAliases', stateMachineArn] };
    const all = [...entry.aliases.values()].filter(leads);
    const { items, next } = page(all, paging, listing, (each) => keyOf(each.createdAtMs) + each.name);
    return { stateMachineAliases: items.map((each) => created(entry, each)), ...next };
  },
);

const deleteStateMachineAlias = operation(ByAlias, async (host, { stateMachineAliasArn }) => {
  const { entry, alias } = found(host, stateMachineAliasArn) ?? {};
  if (entry && alias) await host.write({ kind: 'aliasDeleted', name: entry.name, alias: alias.name });
  else await host.context.journal.synced();
  return {};
});

/** The operations on aliases of state machines. */
export const ALIAS_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachineAlias: createStateMachineAlias,
  UpdateStateMachineAlias: updateStateMachineAlias,
  DescribeStateMachineAlias: describeStateMachineAlias,
  ListStateMachineAliases: listStateMachineAliases,
  DeleteStateMachineAlias: deleteStateMachineAlias,
};
