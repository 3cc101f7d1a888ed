import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import { MAX_DEFINITION_BYTES } from '../limits.ts';
import { Arn, machineArnOf } from '../machines/arn.ts';
import type { MachineEntry } from '../machines/entry.ts';
import type { Published } from '../machines/records.ts';
import { type Settings, SettingsInput, settingsOf } from '../machines/settings.ts';
import { addTags, TagList } from '../machines/tags.ts';
import { checkActive, machineOf } from '../machines/target.ts';
import { initialRevision, shownRevision, versionArn } from '../machines/versions.ts';
import { checkName } from '../names.ts';
import { checkDefinition } from '../validation/check-definition.ts';
import { type Operation, operation } from './operation.ts';
import { keyOf, Paging, page } from './paging.ts';
import { checkVersionQuota, publishCurrent, VersionDescription } from './versions.ts';

/** AWS's limit on the state machines of an account. */
const MAX_MACHINES = 100_000;

const DefinitionText = z.string().min(1).max(MAX_DEFINITION_BYTES);

const PublishInput = { publish: z.boolean().optional(), versionDescription: VersionDescription.optional() };

/** The version that a caller wants published. @throws ValidationException for a description of none */
const publishedBy = (publish: boolean | undefined, description: string | undefined): Published | undefined => {
  if (publish) return { description };
  if (description === undefined) return undefined;
  throw new AwsError('ValidationException', 'Version description can only be set when publish is true');
};

const checkRole = (roleArn: string): void => {
  if (/^arn:[^:]+:iam:[^:]*:[^:]*:role\/./.test(roleArn)) return;
  throw new AwsError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
};

const created = ({ arn, createdAtMs }: Pick<MachineEntry, 'arn' | 'createdAtMs'>): object => ({
  stateMachineArn: arn,
  creationDate: seconds(createdAtMs),
});

/** Settings as records have them: none at all where nobody gave any. */
const kept = (settings: Settings): { settings?: Settings } => (Object.keys(settings).length > 0 ? { settings } : {});

const hasSettings = ({ home }: MachineEntry, settings: Settings): boolean =>
  isDeepStrictEqual(home.revision.settings ?? {}, settings);

/** What counts when a machine is created again; role and tags do not. */
type Creation = Pick<MachineEntry, 'type' | 'published'> & {
  readonly definition: string;
  readonly settings: Settings;
};

const isSame = (entry: MachineEntry, { type, published, definition, settings }: Creation): boolean =>
  entry.type === type &&
  entry.machine.definition === definition &&
  hasSettings(entry, settings) &&
  (entry.published === undefined) === (published === undefined) &&
  entry.published?.description === published?.description;

/** The machine of this name if it is the very same one. @throws StateMachineDeleting, StateMachineAlreadyExists */
const createdBefore = (former: MachineEntry | undefined, creation: Creation): MachineEntry | undefined => {
  if (former?.isDeleted && former.running > 0) checkActive(former);
  if (!former || former.isDeleted) return undefined;
  if (isSame(former, creation)) return former;
  throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${former.arn}'`);
};

const createStateMachine = operation(
  z.object({
    name: z.string(),
    definition: DefinitionText,
    roleArn: Arn,
    type: z.enum(['STANDARD', 'EXPRESS']).optional(),
    tags: TagList.optional(),
    ...SettingsInput,
    ...PublishInput,
  }),
  async (host, { name, definition, roleArn, type = 'STANDARD', tags = [], publish, versionDescription, ...given }) => {
    const { machines } = host.registry;
    checkName(name);
    checkRole(roleArn);
    const published = publishedBy(publish, versionDescription);
    const settings = settingsOf(given);
    checkDefinition(definition, type);
    const arn = host.registry.machineArn(name);
    const answer = { ...(published && { stateMachineVersionArn: versionArn(arn, 1) }) };
    const former = createdBefore(machines.get(name), { type, published, definition, settings });
    if (former) {
      await host.context.journal.synced();
      return { ...created(former), ...answer };
    }
    if (machines.size >= MAX_MACHINES) {
      throw new AwsError('StateMachineLimitExceeded', `There are at most ${MAX_MACHINES} state machines`);
    }
    const atMs = host.context.clock.nowMs();
    await host.write({
      kind: 'machineCreated',
      name,
      definition,
      roleArn,
      atMs,
      revisionId: initialRevision(randomUUID()),
      tags: { ...addTags({}, tags, arn) },
      ...(type !== 'STANDARD' && { type }),
      ...kept(settings),
      ...(published && { published }),
    });
    return { ...created({ arn, createdAtMs: atMs }), ...answer };
  },
);

const MISSING =
  'Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, or the EncryptionConfiguration must be specified';

/** What an update is answered with; the first revision of a machine has no identifier. */
const updated = ({ arn }: MachineEntry, atMs: number, revisionId: string | undefined, version?: number): object => ({
  updateDate: seconds(atMs),
  ...(revisionId !== undefined && { revisionId }),
  ...(version !== undefined && { stateMachineVersionArn: versionArn(arn, version) }),
});

const updateStateMachine = operation(
  z.object({
    stateMachineArn: Arn,
    definition: DefinitionText.optional(),
    roleArn: Arn.optional(),
    ...SettingsInput,
    ...PublishInput,
  }),
  async (host, { stateMachineArn, publish, versionDescription, ...given }) => {
    const entry = machineOf(host, stateMachineArn);
    checkActive(entry);
    if (Object.values(given).every((value) => value === undefined)) {
      throw new AwsError('MissingRequiredParameter', MISSING);
    }
    const published = publishedBy(publish, versionDescription);
    const { definition = entry.machine.definition, roleArn = entry.home.roleArn } = given;
    if (given.definition !== undefined) checkDefinition(definition, entry.type);
    if (given.roleArn !== undefined) checkRole(roleArn);
    const settings = settingsOf(given, entry.home.revision.settings);
    const { machine, home, name } = entry;
    const isSameRole = home.roleArn === roleArn;
    const atMs = host.context.clock.nowMs();
    if (machine.definition === definition && isSameRole && hasSettings(entry, settings)) {
      const version = published && (await publishCurrent(host, entry, published.description));
      await host.context.journal.synced();
      return updated(entry, atMs, shownRevision(home.revision.id), version?.number);
    }
    if (published) checkVersionQuota(entry);
    const revisionId = randomUUID();
    const version = published && entry.lastVersion + 1;
    const more = { ...kept(settings), ...(published && { published }) };
    await host.write({ kind: 'machineUpdated', name, definition, roleArn, atMs, revisionId, ...more });
    return updated(entry, atMs, revisionId, version);
  },
);

const deleteStateMachine = operation(z.object({ stateMachineArn: Arn }), async (host, { stateMachineArn }) => {
  const { name, machineArn } = machineArnOf(stateMachineArn);
  if (machineArn !== stateMachineArn) {
    throw new AwsError('ValidationException', `'${stateMachineArn}' is a version or an alias of a state machine`);
  }
  const entry = host.registry.machines.get(name);
  if (entry?.arn === machineArn && !entry.isDeleted) await host.write({ kind: 'machineDeleted', name });
  else await host.context.journal.synced();
  return {};
});

const listStateMachines = operation(z.object(Paging), async (host, paging) => {
  const all = [...host.registry.machines.values()].filter((entry) => !entry.isDeleted);
  const listing = { host, of: ['ListStateMachines'] };
  const { items, next } = page(all, paging, listing, ({ createdAtMs, name }) => keyOf(createdAtMs) + name);
  return {
    stateMachines: items.map((entry) => ({ ...created(entry), name: entry.name, type: entry.type })),
    ...next,
  };
});

/** The operations that make, change, list and remove state machines. */
export const MACHINE_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: createStateMachine,
  UpdateStateMachine: updateStateMachine,
  DeleteStateMachine: deleteStateMachine,
  ListStateMachines: listStateMachines,
};
