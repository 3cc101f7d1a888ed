import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import type { Host } from '../host.ts';
import { Arn, machineArnOf } from '../machines/arn.ts';
import type { MachineEntry, Version } from '../machines/entry.ts';
import { checkActive, machineOf } from '../machines/target.ts';
import { currentVersion, isRevision, shownRevision, versionArn } from '../machines/versions.ts';
import { type Operation, operation } from './operation.ts';
import { lastFirst, Paging, page } from './paging.ts';

const MAX_VERSIONS = 1000;

/** Text that describes a version. */
export const VersionDescription = z.string().max(256);

type Numbered = Pick<Version, 'number' | 'createdAtMs'>;

/** What a version's creation is answered with. */
const published = ({ arn }: MachineEntry, { number, createdAtMs }: Numbered): object => ({
  stateMachineVersionArn: versionArn(arn, number),
  creationDate: seconds(createdAtMs),
});

/** Refuses one more version. @throws ServiceQuotaExceededException */
export const checkVersionQuota = ({ versions, arn }: MachineEntry): void => {
  if (versions.size < MAX_VERSIONS) return;
  const problem = `A state machine has at most ${MAX_VERSIONS} versions; delete some of '${arn}' first`;
  throw new AwsError('ServiceQuotaExceededException', problem, 402);
};

/** Publishes the latest revision, unless it has been; the version that it is. */
export const publishCurrent = async (host: Host, entry: MachineEntry, description?: string): Promise<Numbered> => {
  const former = currentVersion(entry);
  if (former) {
    await host.context.journal.synced();
    return former;
  }
  checkVersionQuota(entry);
  const version = { number: entry.lastVersion + 1, createdAtMs: host.context.clock.nowMs() };
  const { name } = entry;
  await host.write({ kind: 'versionPublished', name, published: { description }, atMs: version.createdAtMs });
  return version;
};

const publishStateMachineVersion = operation(
  z.object({
    stateMachineArn: Arn,
    revisionId: z.string().optional(),
    description: VersionDescription.optional(),
  }),
  async (host, { stateMachineArn, revisionId, description }) => {
    const entry = machineOf(host, stateMachineArn);
    checkActive(entry);
    const { id } = entry.home.revision;
    if (revisionId !== undefined && !isRevision(id, revisionId)) {
      const problem = `Failed to publish the State Machine version for revision ${revisionId}.`;
      const current = `The current State Machine revision is ${shownRevision(id) ?? 'INITIAL'}.`;
      throw new AwsError('ConflictException', `${problem} ${current}`, 409);
    }
    return published(entry, await publishCurrent(host, entry, description));
  },
);

const listStateMachineVersions = operation(
  z.object({ ...Paging, stateMachineArn: Arn }),
  async (host, { stateMachineArn, ...paging }) => {
    const entry = machineOf(host, stateMachineArn);
    const listing = { host, of: ['ListStateMachineVersions', stateMachineArn] };
    const { items, next } = page(entry.versions.values(), paging, listing, ({ number }) => lastFirst(number));
    return { stateMachineVersions: items.map((version) => published(entry, version)), ...next };
  },
);

const deleteStateMachineVersion = operation(
  z.object({ stateMachineVersionArn: Arn }),
  async (host, { stateMachineVersionArn: arn }) => {
    const { name, machineArn, version } = machineArnOf(arn);
    if (version === undefined) throw new AwsError('ValidationException', `'${arn}' is not the ARN of a version`);
    const entry = host.registry.machines.get(name);
    if (entry?.arn !== machineArn || !entry.versions.has(version)) {
      await host.context.journal.synced();
      return {};
    }
    const aliases = [...entry.aliases.values()].filter(({ routes }) => routes.some((each) => each.version === version));
    if (aliases.length > 0) {
      const names = aliases.map((alias) => alias.name).join(', ');
      const problem = `Current list of aliases referencing this version: [${names}]`;
      throw new AwsError(
        'ConflictException',
        `Version to be deleted must not be referenced by an alias. ${problem}`,
        409,
      );
    }
    await host.write({ kind: 'versionDeleted', name, version });
    return {};
  },
);

/** The operations on versions of state machines. */
export const VERSION_OPERATIONS: Readonly<Record<string, Operation>> = {
  PublishStateMachineVersion: publishStateMachineVersion,
  ListStateMachineVersions: listStateMachineVersions,
  DeleteStateMachineVersion: deleteStateMachineVersion,
};
