import { AwsError } from '../engine/part.ts';

/** The queue is not there. */
export const noSuchQueue = () => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

/** A value that SQS does not take, worded as SQS words it. */
export const badValue = (parameter: string, value: unknown, reason?: string) =>
  new AwsError(
    'InvalidParameterValue',
    `Value ${typeof value === 'string' ? value : JSON.stringify(value)} for parameter ${parameter} is invalid.` +
      (reason === undefined ? '' : ` Reason: ${reason}`),
  );

/** A parameter that must be there. */
export const missing = (parameter: string) =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);

/** A queue attribute that SQS does not take. */
export const badAttribute = (name: string) =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/** A receipt handle that this queue never gave out. */
export const badReceipt = (handle: string) =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
