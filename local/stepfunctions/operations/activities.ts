import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { activityOf, checkActivityArn, knownActivity } from '../activities/activity-of.ts';
import type { ActivityEntry } from '../activities/entry.ts';
import { seconds } from '../describe.ts';
import { checkEncryption, EncryptionInput } from '../machines/settings.ts';
import { addTags, TagList } from '../machines/tags.ts';
import { checkName } from '../names.ts';
import { type Operation, operation } from './operation.ts';
import { keyOf, Paging, page } from './paging.ts';

const ByArn = z.object({ activityArn: z.string().min(1).max(256) });

/** AWS's limit on the activities of an account. */
const MAX_ACTIVITIES = 10_000;

const created = ({ arn, createdAtMs }: ActivityEntry): object => ({
  activityArn: arn,
  creationDate: seconds(createdAtMs),
});

const listed = (entry: ActivityEntry): object => ({ ...created(entry), name: entry.name });

/** Makes an activity, or finds the one of this name; the tags of that one stay as they are. */
const createActivity = operation(
  z.object({ name: z.string(), tags: TagList.optional(), encryptionConfiguration: EncryptionInput.optional() }),
  async (host, { name, tags = [], encryptionConfiguration }) => {
    checkName(name);
    checkEncryption(encryptionConfiguration);
    const { activities } = host.registry;
    const former = activities.get(name);
    if (former) {
      await host.context.journal.synced();
      return created(former);
    }
    if (activities.size >= MAX_ACTIVITIES) {
      throw new AwsError(
        'ActivityLimitExceeded',
        `The maximum number of activities has been reached: ${MAX_ACTIVITIES}`,
      );
    }
    const arn = host.registry.activityArn(name);
    const atMs = host.context.clock.nowMs();
    await host.write({ kind: 'activityCreated', name, atMs, tags: addTags({}, tags, arn) });
    return created(activityOf(host.registry, arn));
  },
);

const deleteActivity = operation(ByArn, async (host, { activityArn }) => {
  checkActivityArn(activityArn);
  const entry = knownActivity(host.registry, activityArn);
  if (!entry) return {};
  await host.write({ kind: 'activityDeleted', name: entry.name });
  host.activities.dismiss(activityArn);
  return {};
});

const describeActivity = operation(ByArn, async (host, { activityArn }) => ({
  ...listed(activityOf(host.registry, activityArn)),
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
}));

const listActivities = operation(z.object(Paging), async (host, paging) => {
  const all = host.registry.activities.values();
  const listing = { host, of: ['ListActivities'] };
  const { items, next } = page(all, paging, listing, ({ createdAtMs, name }) => keyOf(createdAtMs) + name);
  return { activities: items.map(listed), ...next };
});

const getActivityTask = operation(
  ByArn.extend({ workerName: z.string().min(1).max(80).optional() }),
  async (host, { activityArn, workerName }, signal) =>
    host.activities.ask(activityOf(host.registry, activityArn).arn, workerName, signal),
);

/** The operations on activities, and the one by which workers ask for their tasks. */
export const ACTIVITY_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateActivity: createActivity,
  DeleteActivity: deleteActivity,
  DescribeActivity: describeActivity,
  ListActivities: listActivities,
  GetActivityTask: getActivityTask,
};
