import * as z from 'zod';
import { seconds } from '../describe.ts';
import { mapRunArn } from '../distributed/map-run.ts';
import type { Home } from '../identity.ts';
import { Arn } from '../machines/arn.ts';
import type { Version } from '../machines/entry.ts';
import { describeSettings } from '../machines/settings.ts';
import { namedBy, routedMost, type Target } from '../machines/target.ts';
import { shownRevision, versionArn } from '../machines/versions.ts';
import type { Machine } from '../model.ts';
import { variableReferences } from '../variable-references.ts';
import { executionOf, type Operation, operation } from './operation.ts';

const IncludedData = z.enum(['ALL_DATA', 'METADATA_ONLY']).optional();
type IncludedData = z.infer<typeof IncludedData>;

/** A definition with what AWS tells of its variables. */
const defined = ({ definition }: Machine, includedData: IncludedData): object => {
  if (includedData === 'METADATA_ONLY') return { definition: '{}' };
  const references = variableReferences(definition);
  return { definition, ...(Object.keys(references).length > 0 && { variableReferences: references }) };
};

const described = ({ roleArn, revision }: Home, machine: Machine, includedData: IncludedData): object => {
  const revisionId = shownRevision(revision.id);
  return {
    ...defined(machine, includedData),
    roleArn,
    ...describeSettings(revision.settings),
    ...(revisionId !== undefined && { revisionId }),
  };
};

/** The version that an ARN names; by an alias, the one that most executions go to. */
const versionOf = ({ entry, version, alias }: Target): Version | undefined => {
  const number = alias === undefined ? version : routedMost(entry.aliases.get(alias));
  return number === undefined ? undefined : entry.versions.get(number);
};

const describeStateMachine = operation(
  z.object({ stateMachineArn: Arn, includedData: IncludedData }),
  async (host, { stateMachineArn, includedData }) => {
    const target = namedBy(host, stateMachineArn);
    const { entry } = target;
    const version = versionOf(target);
    const { home, machine, createdAtMs } = version ?? entry;
    return {
      stateMachineArn: version ? versionArn(entry.arn, version.number) : entry.arn,
      name: entry.name,
      ...described(home, machine, includedData),
      status: entry.isDeleted ? 'DELETING' : 'ACTIVE',
      type: entry.type,
      creationDate: seconds(createdAtMs),
      ...(version?.description !== undefined && { description: version.description }),
    };
  },
);

const describeStateMachineForExecution = operation(
  z.object({ executionArn: Arn, includedData: IncludedData }),
  async (host, { executionArn, includedData }) => {
    const { machine, identity, share } = executionOf(host, executionArn);
    const { home } = identity;
    return {
      stateMachineArn: home.machineArn,
      name: home.machineName,
      ...described(home, machine, includedData),
      updateDate: seconds(home.revision.atMs),
      ...(share && { mapRunArn: mapRunArn(share.run), label: share.run.label }),
    };
  },
);

/** The operations that describe state machines. */
export const DESCRIBE_OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
};
