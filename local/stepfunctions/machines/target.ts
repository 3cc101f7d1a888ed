import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { seededFraction } from '../random.ts';
import type { Execution } from '../registry.ts';
import { machineArnOf } from './arn.ts';
import type { Alias, MachineEntry } from './entry.ts';
import type { Qualifiers } from './versions.ts';

/** What AWS says of a machine, version or alias that there is not. */
export const noMachine = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

/** A machine, and the version or alias of it that an ARN names. */
export type Target = { readonly entry: MachineEntry } & Qualifiers;

/** Finds what an ARN names; a deleted machine is shown as long as it has executions. @throws StateMachineDoesNotExist */
export const namedBy = (host: Host, arn: string): Target => {
  // Most ARNs are a machine's own, which need not be taken apart.
  const plain = host.registry.machines.get(arn.slice(arn.lastIndexOf(':') + 1));
  if (plain?.arn === arn && !plain.isDeleted) return { entry: plain };
  const { name, machineArn, version, alias } = machineArnOf(arn);
  const entry = host.registry.machines.get(name);
  const isGone = entry?.isDeleted && entry.running === 0;
  if (!entry || isGone || entry.arn !== machineArn) throw noMachine(arn);
  if (version !== undefined && !entry.versions.has(version)) throw noMachine(arn);
  if (alias !== undefined && !entry.aliases.has(alias)) throw noMachine(arn);
  return { entry, version, alias };
};

/** Finds a machine by its own ARN. @throws StateMachineDoesNotExist */
export const machineOf = (host: Host, arn: string): MachineEntry => {
  const { entry, version, alias } = namedBy(host, arn);
  if (version !== undefined || alias !== undefined) throw noMachine(arn);
  return entry;
};

/** Refuses what a machine that is being deleted does not do any more. @throws StateMachineDeleting */
export const checkActive = (entry: MachineEntry): void => {
  if (entry.isDeleted) throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${entry.arn}'`);
};

/** Refuses an operation that is for the other type of machine. @throws StateMachineTypeNotSupported */
export const checkType = (entry: MachineEntry, type: MachineEntry['type']): void => {
  if (entry.type !== type) {
    const problem = 'This operation is not supported by this type of state machine';
    throw new AwsError('StateMachineTypeNotSupported', problem);
  }
};

/** Chooses one of an alias' versions by their weights: the same one whenever the same execution is started. */
const chosenBy = ({ name, routes }: Alias, executionName: string): number | undefined => {
  let left = seededFraction(`${name}/${executionName}`) * 100;
  const route = routes.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return route?.version;
};

/** The version that an alias leads most executions to. */
export const routedMost = (alias: Alias | undefined): number | undefined =>
  alias?.routes.reduce((most, route) => (route.weight > most.weight ? route : most)).version;

/** What an execution of this name runs, if it is started by this ARN. @throws StateMachineDoesNotExist, StateMachineDeleting */
export const targetOf = (host: Host, arn: string, executionName: string): Target => {
  const { entry, version, alias: name } = namedBy(host, arn);
  checkActive(entry);
  const alias = name === undefined ? undefined : entry.aliases.get(name);
  return alias ? { entry, version: chosenBy(alias, executionName), alias: name } : { entry, version };
};

/** Tells whether an execution of a machine is listed under the version or alias that was asked for. */
export const isListedUnder =
  ({ version, alias }: Qualifiers) =>
  ({ identity: { home } }: Execution): boolean =>
    (version === undefined || home.version === version) && (alias === undefined || home.alias === alias);
