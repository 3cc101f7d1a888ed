import { AwsError } from '../../engine/part.ts';
import { resourceIn } from '../machines/arn.ts';
import type { Registry } from '../registry.ts';
import type { ActivityEntry } from './entry.ts';

/** That there is no activity of this ARN. */
export const noActivity = (arn: string): AwsError =>
  new AwsError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);

/** Finds an activity by its ARN, if it is there. */
export const knownActivity = ({ activities }: Registry, arn: string): ActivityEntry | undefined => {
  const entry = activities.get(arn.slice(arn.lastIndexOf(':') + 1));
  return entry?.arn === arn ? entry : undefined;
};

/** Refuses what cannot be an activity's ARN. @throws InvalidArn */
export const checkActivityArn = (arn: string): void => {
  if (resourceIn(arn, 'activity').length > 1) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
};

/** Finds an activity by its ARN. @throws InvalidArn, ActivityDoesNotExist */
export const activityOf = (registry: Registry, arn: string): ActivityEntry => {
  checkActivityArn(arn);
  const entry = knownActivity(registry, arn);
  if (!entry) throw noActivity(arn);
  return entry;
};
