import type { Registry } from '../registry.ts';
import type { ActivityRecord } from './records.ts';

/** Applies what the journal says of activities. */
export const applyActivityRecord = (registry: Registry, record: ActivityRecord): void => {
  const { activities } = registry;
  const { kind, name } = record;
  if (kind === 'activityDeleted') activities.delete(name);
  else if (kind === 'activityCreated') {
    const { atMs: createdAtMs, tags } = record;
    activities.set(name, { name, arn: registry.activityArn(name), createdAtMs, tags });
  } else {
    const entry = activities.get(name);
    if (!entry) throw new Error(`the journal speaks of an unknown activity '${name}'`);
    entry.tags = record.tags;
  }
};
