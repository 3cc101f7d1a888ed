import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { type Json, parseJson } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';

/** The X-Ray header of a request: ASCII. */
export const TraceHeader = z
  .string()
  .max(256)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: AWS takes all of ASCII
  .regex(/^[\x00-\x7f]*$/);

const invalid = (problem: string): AwsError =>
  new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: ${problem}`);

/** The value of an execution's input. @throws InvalidExecutionInput if it is too large or no JSON */
export const parsedInput = (input: string): Json => {
  if (input.length * 3 > MAX_DATA_BYTES && Buffer.byteLength(input) > MAX_DATA_BYTES) {
    throw invalid(`it exceeds ${MAX_DATA_BYTES} bytes`);
  }
  const parsed = parseJson(input);
  if (parsed === undefined) throw invalid('it is not valid JSON');
  return parsed;
};
