import { randomUUID } from 'node:crypto';
import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { arnOf, type Identity } from '../identity.ts';
import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import { inspectionData, newInspection } from '../test-state/inspection.ts';
import { checkMockFields, type MockMode } from '../test-state/mock-fields.ts';
import { performing } from '../test-state/perform.ts';
import { hasInside, type Subject, subjectOf } from '../test-state/subject.ts';
import { givenContext, ownContext } from '../test-state/test-context.ts';
import { inputOf, invalid, type Mocked, mockOf, objectOf, TestRequest } from '../test-state/test-request.ts';
import { type Ending, runTest } from '../test-state/test-run.ts';
import { nameProblem } from '../variables.ts';
import { type Operation, operation } from './operation.ts';

const ASYNCHRONOUS = /\.(sync(:2)?|waitForTaskToken)$|:activity:/;

const isAsynchronous = ({ type, fields }: Subject): boolean =>
  type === 'Task' && ASYNCHRONOUS.test(String(own(fields, 'Resource')));

/** What can be tested only if its work is mocked. @throws InvalidDefinition, ValidationException */
const checkUnmocked = (subject: Subject, { roleArn, context }: TestRequest): void => {
  if (subject.type === 'Map' || subject.type === 'Parallel') {
    throw new AwsError(
      'InvalidDefinition',
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  }
  if (context !== undefined) throw invalid('A Context object can only be specified when a mock is specified');
  if (isAsynchronous(subject)) {
    throw invalid(
      `A mock must be specified when testing a Task state with the resource ${own(subject.fields, 'Resource')}`,
    );
  }
  if (subject.type === 'Task' && roleArn === undefined) {
    throw invalid('RoleArn must be specified when testing a Task state');
  }
};

const branchesOf = ({ fields }: Subject): number => {
  const branches = own(fields, 'Branches');
  return isArray(branches) ? branches.length : 0;
};

type ResultCheck = (subject: Subject, result: Json, mode: MockMode) => void;

/** What the mocked result of each type of state has to be. @throws ValidationException */
const RESULT_CHECKS: Readonly<Record<string, ResultCheck>> = {
  Task: ({ fields }, result, mode) => checkMockFields(own(fields, 'Resource'), result, mode),
  Map: ({ fields }, result) => {
    if (own(fields, 'ResultWriter') === undefined) {
      if (!isArray(result)) throw invalid('Mocked result must be an array.');
    } else if (!isObject(result)) throw invalid('Mocked result must be a JSON object.');
  },
  Parallel: (subject, result) => {
    if (!isArray(result)) throw invalid('Mocked result must be an array.');
    if (result.length !== branchesOf(subject)) {
      throw invalid('Mocked result must contain the same number of items as number of Parallel branches.');
    }
  },
};

/** Whether the mock fits the state. @throws ValidationException */
const checkMocked = (subject: Subject, mocked: Mocked, { mock, stateConfiguration }: TestRequest): void => {
  const check = RESULT_CHECKS[subject.type];
  if (!check) throw invalid(`State type '${subject.type}' is not supported when a mock is specified`);
  const { errorCausedByState: culprit } = stateConfiguration ?? {};
  if (culprit !== undefined && !hasInside(subject, culprit)) {
    throw invalid(`errorCausedByState '${culprit}' is not a state inside of the state under test`);
  }
  if (mocked.error === undefined) check(subject, mocked.result, mock?.fieldValidationMode ?? 'STRICT');
};

/** An identity that no engine knows: of an express execution, as AWS has it. */
const identityOf = (host: Host, roleArn: string | undefined, input: Json): Identity => {
  const { account, region } = host.registry.options;
  const machineName = randomUUID();
  const home = {
    machineName,
    machineArn: host.registry.machineArn(machineName),
    executionPrefix: `arn:aws:states:${region}:${account}:express:${machineName}:`,
    roleArn: roleArn ?? '',
    revision: { id: '', atMs: 0 },
    region,
  };
  const startedAtMs = host.context.clock.nowMs();
  return { serial: 0, name: randomUUID(), home, startedAtMs, inputText: JSON.stringify(input) };
};

const contextOf = (identity: Identity, subject: Subject, input: Json, request: TestRequest): JsonObject => {
  if (request.context !== undefined) return givenContext(request.context, isAsynchronous(subject));
  const { home, name, startedAtMs } = identity;
  return ownContext(
    {
      executionArn: arnOf(identity),
      executionName: name,
      machineArn: home.machineArn,
      machineName: home.machineName,
      roleArn: request.roleArn,
      startedAtMs,
    },
    subject,
    {
      input,
      retryCount: request.stateConfiguration?.retrierRetryCount ?? 0,
      token: isAsynchronous(subject) ? randomUUID() : undefined,
    },
  );
};

/** The workflow variables that the state finds. @throws ValidationException */
const variablesOf = ({ variables = '{}' }: TestRequest): JsonObject => {
  const values = objectOf(variables, 'variables must be a JSON object');
  for (const name of Object.keys(values)) {
    const problem = nameProblem(name);
    if (problem !== undefined) throw invalid(problem);
  }
  return values;
};

const toldOf = (ending: Ending, inspected: object | undefined): object => {
  const { status, output, error, cause, nextState } = ending;
  return {
    status,
    ...(output !== undefined && { output: JSON.stringify(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(nextState !== undefined && { nextState }),
    ...(inspected && { inspectionData: inspected }),
  };
};

const testState = operation(TestRequest, async (host, request) => {
  const mocked = mockOf(request);
  const input = inputOf(request);
  const subject = subjectOf(request);
  if (mocked) checkMocked(subject, mocked, request);
  else checkUnmocked(subject, request);
  const { retrierRetryCount = 0, mapIterationFailureCount = 0, mapItemReaderData } = request.stateConfiguration ?? {};
  const identity = identityOf(host, request.roleArn, input);
  const inspection = newInspection(request.revealSecrets === true);
  const variables = variablesOf(request);
  const test = {
    subject,
    identity,
    input,
    context: contextOf(identity, subject, input, request),
    variables,
    mocked,
    hasReaderText: mapItemReaderData !== undefined,
    retryCount: retrierRetryCount,
    inspection,
  };
  const map = { failureCount: mapIterationFailureCount, readerText: mapItemReaderData };
  const ending = await runTest({ ...test, perform: performing(host, test, map) });
  if ((request.inspectionLevel ?? 'INFO') === 'INFO') return toldOf(ending, undefined);
  const { errorDetails, variables: after = variables } = ending;
  const isTrace = request.inspectionLevel === 'TRACE';
  return toldOf(ending, inspectionData(subject, input, inspection, { errorDetails, variables: after, isTrace }));
});

/** The operation that tries a single state. */
export const TEST_OPERATIONS: Readonly<Record<string, Operation>> = { TestState: testState };
