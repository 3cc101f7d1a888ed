import { expect } from 'vitest';
import type { TestStates } from './a-states-part.ts';
import { modelProblems } from './api-model.ts';

/** The role that unmocked tasks need. */
export const testRole = 'arn:aws:iam::111111111111:role/r';

const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

/** Calls TestState, definition and input as values; output and inspected data come back as values. The answer has AWS's shape. */
export const testState = async (
  states: TestStates,
  definition: object,
  { input, result, ...request }: { input?: unknown; result?: unknown } & Record<string, unknown> = {},
): Promise<Record<string, unknown>> => {
  const mock = result === undefined ? undefined : { result: JSON.stringify(result) };
  const answer = await states.call('TestState', {
    definition: JSON.stringify(definition),
    ...(input !== undefined && { input: JSON.stringify(input) }),
    ...(mock && { mock }),
    ...request,
  });
  expect(modelProblems('TestStateOutput', answer)).toEqual([]);
  const { output, inspectionData, ...told } = answer;
  const data = typeof inspectionData === 'object' && inspectionData !== null ? Object.entries(inspectionData) : [];
  return {
    ...told,
    ...(output !== undefined && { output: parsed(output) }),
    ...(inspectionData !== undefined && { seen: Object.fromEntries(data.map(([key, value]) => [key, parsed(value)])) }),
  };
};
