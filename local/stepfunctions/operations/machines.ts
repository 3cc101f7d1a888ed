import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import { mapRunArn } from '../distributed/map-run.ts';
import { MAX_DEFINITION_BYTES } from '../limits.ts';
import type { MachineEntry } from '../machines/entry.ts';
import { checkName } from '../names.ts';
import { describeFindings, MAX_FINDINGS } from '../validation/finding.ts';
import { diagnose } from '../validation/validate.ts';
import { variableReferences } from '../variable-references.ts';
import { executionOf, machineOf, type Operation, operation, Paging, page } from './operation.ts';

const Tag = z.object({ key: z.string().min(1).max(128), value: z.string().max(256) });
const ByArn = z.object({ stateMachineArn: z.string() });

/** Refuses a definition that AWS would not take. @throws InvalidDefinition */
export const checkDefinition = (definition: string): void => {
  if (Buffer.byteLength(definition) > MAX_DEFINITION_BYTES) {
    throw new AwsError('InvalidDefinition', `The definition exceeds ${MAX_DEFINITION_BYTES} bytes`);
  }
  const errors = diagnose(definition).filter(({ severity }) => severity === 'ERROR');
  if (errors.length > 0) throw new AwsError('InvalidDefinition', describeFindings(errors));
};

const created = (entry: MachineEntry): object => ({
  stateMachineArn: entry.arn,
  creationDate: seconds(entry.createdAtMs),
});

const status = (entry: MachineEntry): string => (entry.isDeleted ? 'DELETING' : 'ACTIVE');

const createStateMachine = operation(
  z.object({
    name: z.string(),
    definition: z.string(),
    roleArn: z.string(),
    type: z.enum(['STANDARD', 'EXPRESS']).optional(),
    tags: z.array(Tag).max(50).optional(),
  }),
  async (host, { name, definition, roleArn, type, tags }) => {
    checkName(name);
    if (type === 'EXPRESS')
      throw new AwsError('StateMachineTypeNotSupported', 'Only STANDARD state machines are supported');
    checkDefinition(definition);
    const former = host.registry.machines.get(name);
    if (former?.isDeleted && former.running > 0) {
      throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${former.arn}'`);
    }
    if (former && !former.isDeleted) {
      if (former.machine.definition !== definition || former.home.roleArn !== roleArn) {
        throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${former.arn}'`);
      }
      await host.context.journal.synced();
      return created(former);
    }
    await host.write({
      kind: 'machineCreated',
      name,
      definition,
      roleArn,
      atMs: host.context.clock.nowMs(),
      revisionId: randomUUID(),
      tags: Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value])),
    });
    return created(machineOf(host, host.registry.machineArn(name)));
  },
);

const updateStateMachine = operation(
  ByArn.extend({ definition: z.string().optional(), roleArn: z.string().optional() }),
  async (host, { stateMachineArn, definition, roleArn }) => {
    const entry = machineOf(host, stateMachineArn);
    if (entry.isDeleted) throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${entry.arn}'`);
    if (definition === undefined && roleArn === undefined) {
      throw new AwsError('MissingRequiredParameter', 'Either the definition or the role ARN must be specified');
    }
    if (definition !== undefined) checkDefinition(definition);
    await host.write({
      kind: 'machineUpdated',
      name: entry.name,
      definition: definition ?? entry.machine.definition,
      roleArn: roleArn ?? entry.home.roleArn,
      atMs: host.context.clock.nowMs(),
      revisionId: randomUUID(),
    });
    return { updateDate: seconds(entry.updatedAtMs), revisionId: entry.revisionId };
  },
);

const deleteStateMachine = operation(ByArn, async (host, { stateMachineArn }) => {
  const entry = host.registry.machineByArn(stateMachineArn);
  if (entry && !entry.isDeleted) await host.write({ kind: 'machineDeleted', name: entry.name });
  return {};
});

/** A definition with what AWS tells of its variables. */
const defined = (definition: string): object => {
  const references = variableReferences(definition);
  return { definition, ...(Object.keys(references).length > 0 && { variableReferences: references }) };
};

const described = (entry: MachineEntry, { definition } = entry.machine): object => ({
  stateMachineArn: entry.arn,
  name: entry.name,
  ...defined(definition),
  roleArn: entry.home.roleArn,
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  revisionId: entry.revisionId,
});

const describeStateMachine = operation(ByArn, async (host, { stateMachineArn }) => {
  const entry = machineOf(host, stateMachineArn);
  return { ...described(entry), status: status(entry), type: 'STANDARD', creationDate: seconds(entry.createdAtMs) };
});

const describeStateMachineForExecution = operation(z.object({ executionArn: z.string() }), async (host, input) => {
  const { entry, machine, identity, share } = executionOf(host, input.executionArn);
  const { machineArn, machineName, roleArn, revision } = identity.home;
  return {
    ...described(entry, machine),
    stateMachineArn: machineArn,
    name: machineName,
    roleArn,
    revisionId: revision.id,
    updateDate: seconds(revision.atMs),
    ...(share && { mapRunArn: mapRunArn(share.run), label: share.run.label }),
  };
});

const listStateMachines = operation(z.object(Paging), async (host, paging) => {
  const all = [...host.registry.machines.values()].filter((entry) => !entry.isDeleted);
  const { items, next } = page(all, paging);
  return { stateMachines: items.map((entry) => ({ ...created(entry), name: entry.name, type: 'STANDARD' })), ...next };
});

const Validation = z.object({
  definition: z.string().max(MAX_DEFINITION_BYTES),
  type: z.enum(['STANDARD', 'EXPRESS']).optional(),
  severity: z.enum(['ERROR', 'WARNING']).optional(),
  maxResults: z.int().min(0).max(MAX_FINDINGS).optional(),
});

/** Tells what is wrong with a definition, as many findings as are asked for; 0 means as many as there can be. */
const validateStateMachineDefinition = operation(
  Validation,
  async (_host, { definition, type, severity = 'ERROR', maxResults }) => {
    const findings = diagnose(definition, type);
    const told = severity === 'WARNING' ? findings : findings.filter((finding) => finding.severity === 'ERROR');
    const most = maxResults || MAX_FINDINGS;
    return {
      result: findings.some((finding) => finding.severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: told.slice(0, most),
      truncated: told.length > most,
    };
  },
);

const ByResource = z.object({ resourceArn: z.string() });

const listTagsForResource = operation(ByResource, async (host, { resourceArn }) => ({
  tags: Object.entries(machineOf(host, resourceArn).tags).map(([key, value]) => ({ key, value })),
}));

const tagResource = operation(ByResource.extend({ tags: z.array(Tag) }), async (host, { resourceArn, tags }) => {
  const entry = machineOf(host, resourceArn);
  const added = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  await host.write({ kind: 'machineTagged', name: entry.name, tags: { ...entry.tags, ...added } });
  return {};
});

const untagResource = operation(ByResource.extend({ tagKeys: z.array(z.string()) }), async (host, input) => {
  const entry = machineOf(host, input.resourceArn);
  const kept = Object.entries(entry.tags).filter(([key]) => !input.tagKeys.includes(key));
  await host.write({ kind: 'machineTagged', name: entry.name, tags: Object.fromEntries(kept) });
  return {};
});

/** The operations on state machines. */
export const MACHINE_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: createStateMachine,
  UpdateStateMachine: updateStateMachine,
  DeleteStateMachine: deleteStateMachine,
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  ListStateMachines: listStateMachines,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
};
