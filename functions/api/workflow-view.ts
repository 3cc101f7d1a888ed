import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import { type WorkflowCheck, WorkflowProblem, type WorkflowTest, WorkflowTestResult } from '#schema/workflow';
import { askEngine } from './ask-engine.ts';
import { resolveNames } from './definition-names.ts';
import type { Surroundings } from './surroundings.ts';

type Reading = Pick<Surroundings, 'engines' | 'config'>;

const Validated = z.object({ result: z.enum(['OK', 'FAIL']), diagnostics: z.array(WorkflowProblem) });

/** What is wrong with a definition. @throws input-invalid, plane-unavailable */
export const checkWorkflow = async (definition: string, around: Reading): Promise<WorkflowCheck> => {
  const input = { definition: resolveNames(definition, around.config.PAPILIO_REGION) };
  const call = { plane: 'work', operation: 'ValidateStateMachineDefinition', input } as const;
  const { result, diagnostics } = await askEngine(around, call, Validated);
  return { result, problems: diagnostics };
};

const Tested = WorkflowTestResult.omit({ output: true, inspection: true }).extend({
  output: z.string().optional(),
  inspectionData: z.record(z.string(), z.unknown()).optional(),
});

/** The texts among inspected values hold JSON. */
const valuesOf = (data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? jsonOf(value) : value]),
  );

const mockOf = ({ mock }: z.output<typeof WorkflowTest>): object | undefined => {
  if (mock === undefined) return undefined;
  return 'error' in mock ? { errorOutput: mock } : { result: JSON.stringify(mock.result ?? null) };
};

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));

/** What the engine says of a state whose work it would have to do: papilio's functions change things, so only mocks are tried. */
const needsMock =
  /^(RoleArn must be specified|A mock must be specified|TestState API does not support Map or Parallel)/;

/** Runs one state by itself. @throws input-invalid, workflow-mock-missing, plane-unavailable */
export const testWorkflow = async (
  test: z.output<typeof WorkflowTest>,
  around: Reading,
): Promise<WorkflowTestResult> => {
  const input = {
    definition: resolveNames(test.definition, around.config.PAPILIO_REGION),
    stateName: test.state,
    input: textOf(test.input),
    inspectionLevel: test.inspect.toUpperCase(),
    mock: mockOf(test),
    variables: textOf(test.variables),
    stateConfiguration: test.retries === undefined ? undefined : { retrierRetryCount: test.retries },
  };
  const call = { plane: 'work', operation: 'TestState', input } as const;
  const answer = await askEngine(around, call, Tested).catch((thrown: unknown) => {
    const isUnmocked = thrown instanceof PapilioError && needsMock.test(thrown.reason);
    throw isUnmocked ? new PapilioError('workflow-mock-missing', test.state ?? 'the state', thrown) : thrown;
  });
  const { output, inspectionData, ...told } = answer;
  return {
    ...told,
    ...(output !== undefined && { output: jsonOf(output) }),
    ...(inspectionData && { inspection: valuesOf(inspectionData) }),
  };
};
