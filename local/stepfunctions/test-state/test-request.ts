import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { isObject, type Json, type JsonObject, jsonSize, parseJson } from '../json.ts';
import { MAX_DATA_BYTES, MAX_DEFINITION_BYTES } from '../limits.ts';

const data = z.string().max(MAX_DATA_BYTES);

const Mock = z.object({
  result: data.optional(),
  errorOutput: z.object({ error: z.string().max(256), cause: z.string().max(32_768).optional() }).optional(),
  fieldValidationMode: z.enum(['STRICT', 'PRESENT', 'NONE']).optional(),
});

/** The input of TestState, as https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html has it. */
export const TestRequest = z.object({
  definition: z.string().min(1).max(MAX_DEFINITION_BYTES),
  roleArn: z.string().min(1).max(256).optional(),
  input: data.optional(),
  inspectionLevel: z.enum(['INFO', 'DEBUG', 'TRACE']).optional(),
  revealSecrets: z.boolean().optional(),
  variables: data.optional(),
  stateName: z.string().min(1).max(80).optional(),
  mock: Mock.optional(),
  context: data.optional(),
  stateConfiguration: z
    .object({
      retrierRetryCount: z.int().min(0).optional(),
      errorCausedByState: z.string().min(1).max(80).optional(),
      mapIterationFailureCount: z.int().min(0).optional(),
      mapItemReaderData: data.optional(),
    })
    .optional(),
});

/** The input of TestState. */
export type TestRequest = z.infer<typeof TestRequest>;

/** What stands for the work of the state: its result, or the error it ends with. */
export type Mocked =
  | { readonly result: Json; readonly error?: never }
  | { readonly error: string; readonly cause: string | undefined };

/** AWS's answer to an input that it does not take. */
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** The state's input as a value. @throws InvalidExecutionInput */
export const inputOf = ({ input = '{}' }: TestRequest): Json => {
  const value = parseJson(input);
  if (value === undefined) {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input: it is not valid JSON');
  }
  if (jsonSize(value, MAX_DATA_BYTES) > MAX_DATA_BYTES) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: it exceeds ${MAX_DATA_BYTES} bytes`,
    );
  }
  return value;
};

/** A field that holds the text of a JSON object. @throws ValidationException */
export const objectOf = (text: string, problem: string): JsonObject => {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw invalid(problem);
};

/** The mock, in one of its two forms. @throws ValidationException */
export const mockOf = ({ mock, revealSecrets }: TestRequest): Mocked | undefined => {
  if (mock === undefined) return undefined;
  if (revealSecrets) throw invalid('TestState does not support RevealSecrets when a mock is specified.');
  const { result, errorOutput } = mock;
  if ((result === undefined) === (errorOutput === undefined)) {
    throw invalid('A test mock should have only one of the following fields: [result, errorOutput].');
  }
  if (errorOutput !== undefined) return { error: errorOutput.error, cause: errorOutput.cause };
  const value = parseJson(result ?? '');
  if (value === undefined) throw invalid('Mocked result must be valid JSON');
  return { result: value };
};
