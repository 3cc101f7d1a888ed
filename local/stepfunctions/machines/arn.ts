import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';

/** An ARN as inputs have it. */
export const Arn = z.string().min(1).max(256);

const invalid = (problem: string): AwsError => new AwsError('InvalidArn', `Invalid Arn: '${problem}'`);

/** The type of resource that an ARN names, such as `activity`. */
export const resourceTypeOf = (arn: string): string | undefined => arn.split(':')[5];

/** The last parts of a Step Functions ARN, behind its resource type. @throws InvalidArn for another type of resource */
export const resourceIn = (arn: string, type: string): readonly string[] => {
  if (!arn.startsWith('arn:')) throw invalid(`Invalid ARN prefix: ${arn}`);
  const [, , service, , , found = '', ...rest] = arn.split(':');
  if (service !== 'states' || rest.length === 0 || rest.includes('')) throw invalid(arn);
  if (found !== type) throw invalid(`Resource type not valid in this context: ${found}`);
  return rest;
};

/** A state machine's ARN with what may stand behind it: a version, an alias, or the label of a distributed Map. */
export type MachineArn = {
  readonly name: string;
  /** The ARN of the machine alone. */
  readonly machineArn: string;
  readonly version?: number;
  readonly alias?: string;
};

/** Takes the ARN of a state machine apart. @throws InvalidArn, or ValidationException for a distributed Map's */
export const machineArnOf = (arn: string): MachineArn => {
  const [name = '', qualifier, ...more] = resourceIn(arn, 'stateMachine');
  if (more.length > 0) throw invalid(arn);
  if (name.includes('/')) {
    throw new AwsError('ValidationException', `This operation does not take the ARN of a Map state: '${arn}'`, 400, {
      reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS',
    });
  }
  if (qualifier === undefined) return { name, machineArn: arn };
  const machineArn = arn.slice(0, -qualifier.length - 1);
  if (/^[1-9]\d{0,8}$/.test(qualifier)) return { name, machineArn, version: Number(qualifier) };
  return { name, machineArn, alias: qualifier };
};
