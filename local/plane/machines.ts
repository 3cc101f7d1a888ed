import { readFile } from 'node:fs/promises';
import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  type SFNClient,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { PapilioError } from '#lib/errors';
import { accounts, type CatalogEntry, type Plane } from '../../functions/catalog.ts';

/** What the placeholders of a definition may name. */
export type Names = {
  readonly plane: Plane;
  readonly region: string;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly machines: Readonly<Record<string, Plane>>;
  readonly queues: readonly string[];
  readonly queueUrl: (queue: string, plane: Plane) => string;
  readonly machineArn: (machine: string, plane: Plane, region: string) => string;
};

const unknown = (machine: string, placeholder: string, why: string): PapilioError =>
  new PapilioError('config-invalid', `statemachines/${machine}.asl.json: ${placeholder} ${why}`);

/** Replaces `${function:NAME}`, `${queue:NAME}` and `${machine:NAME}`. @throws config-invalid for a name that nobody has */
export const resolveNames = (machine: string, definition: string, names: Names): string => {
  const { plane, region } = names;
  const resolvers: Readonly<Record<string, (name: string, placeholder: string) => string>> = {
    function: (name, placeholder) => {
      if (names.catalog[name]?.plane !== plane)
        throw unknown(machine, placeholder, `is no function of the ${plane} plane`);
      return `arn:aws:lambda:${region}:${accounts[plane]}:function:${name}`;
    },
    queue: (name, placeholder) => {
      if (!names.queues.includes(name)) throw unknown(machine, placeholder, 'is no queue of the catalogue');
      return names.queueUrl(name, plane);
    },
    machine: (name, placeholder) => {
      if (names.machines[name] !== plane)
        throw unknown(machine, placeholder, `is no state machine of the ${plane} plane`);
      return names.machineArn(name, plane, region);
    },
  };
  return definition.replace(/\$\{([^{}]*)\}/g, (placeholder, inside: string) => {
    const [kind = '', name = ''] = inside.split(':');
    const resolver = Object.hasOwn(resolvers, kind) ? resolvers[kind] : undefined;
    if (resolver === undefined) throw unknown(machine, placeholder, 'is not function:, queue: or machine:');
    return resolver(name, placeholder);
  });
};

/** The definitions of a plane's state machines as they are written. */
const textsOf = (
  folder: URL,
  { plane, machines }: Pick<Names, 'plane' | 'machines'>,
): Promise<(readonly [string, string])[]> =>
  Promise.all(
    Object.keys(machines)
      .filter((name) => machines[name] === plane)
      .map(async (name) => [name, await readFile(new URL(`${name}.asl.json`, folder), 'utf8')] as const),
  );

/** The queues that a plane's state machines send to, as their definitions name them. */
export const queuesFedBy = async (
  folder: URL,
  { plane, machines }: Pick<Names, 'plane' | 'machines'>,
): Promise<ReadonlySet<string>> => {
  const texts = (await textsOf(folder, { plane, machines })).map(([, text]) => text);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\$\{queue:([a-z-]{1,80})\}/g)].map(([, name = '']) => name)),
  );
};

const roleArn = (plane: Plane): string => `arn:aws:iam::${accounts[plane]}:role/papilio`;

const definitionOf = async (client: SFNClient, stateMachineArn: string): Promise<string | undefined> => {
  try {
    return (await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).definition;
  } catch (error) {
    if (error instanceof Error && error.name === 'StateMachineDoesNotExist') return undefined;
    throw error;
  }
};

/** Creates one state machine, or updates it if its definition changed; executions under way keep the one they began with. */
const ensureMachine = async (client: SFNClient, name: string, definition: string, names: Names): Promise<void> => {
  const arn = names.machineArn(name, names.plane, names.region);
  const current = await definitionOf(client, arn);
  if (current === definition) return;
  const role = { roleArn: roleArn(names.plane) };
  if (current === undefined) await client.send(new CreateStateMachineCommand({ name, definition, ...role }));
  else await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition, ...role }));
};

/** Brings a plane's state machines to what `statemachines/` says. */
export const ensureMachines = async (client: SFNClient, folder: URL, names: Names): Promise<void> => {
  for (const [name, text] of await textsOf(folder, names))
    await ensureMachine(client, name, resolveNames(name, text, names), names);
};

/** Those of a plane's state machines that are there and say something else than `statemachines/`. */
export const changedMachines = async (client: SFNClient, folder: URL, names: Names): Promise<string[]> => {
  const changed: string[] = [];
  for (const [name, text] of await textsOf(folder, names)) {
    const current = await definitionOf(client, names.machineArn(name, names.plane, names.region));
    if (current !== undefined && current !== resolveNames(name, text, names)) changed.push(name);
  }
  return changed;
};
