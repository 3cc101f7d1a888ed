import { SFN } from '@aws-sdk/client-sfn';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import type { StatesContext } from '../../local/stepfunctions/states-part.ts';
import { aDistributedMap } from './a-distributed-map.ts';
import { aStatesPart, functionArn, machineOf, type TestStates } from './a-states-part.ts';
import { memoryObjects } from './memory-objects.ts';

/** What operations answered, as AWS's client read it. */
export type Answers = ReadonlyMap<string, readonly unknown[]>;

type Tour = { readonly sfn: SFN; readonly states: TestStates };

const account = '111111111111';
const roleArn = `arn:aws:iam::${account}:role/any`;
const ONE = machineOf({ Only: { Type: 'Pass', End: true } });
const HOLD = machineOf({ Hold: { Type: 'Wait', Seconds: 3600, End: true } });

let names = 0;

const create = async ({ sfn }: Tour, definition: object, more: object = {}): Promise<string> => {
  const request = { name: `m${++names}`, definition: JSON.stringify(definition), roleArn, ...more };
  return String((await sfn.createStateMachine(request)).stateMachineArn);
};

/** Lets things happen; functions answer by their names, and `slow` does not. */
const settle = async ({ states }: Tour): Promise<void> => {
  for (let round = 0; round < 5; round++) {
    await states.settle();
    for (const { functionName, succeed, fail } of states.invocations.splice(0)) {
      if (functionName === 'good') succeed({ good: true });
      if (functionName === 'bad') fail('Broken', 'it broke');
    }
  }
};

const start = async (tour: Tour, stateMachineArn: string, value: unknown = {}, more: object = {}): Promise<string> => {
  const request = { stateMachineArn, input: JSON.stringify(value), ...more };
  const { executionArn } = await tour.sfn.startExecution(request);
  await settle(tour);
  return String(executionArn);
};

/** Runs a machine and looks at all there is to see of the execution. */
const run = async (tour: Tour, definition: object, value?: unknown, lookAt = true): Promise<string> => {
  const executionArn = await start(tour, await create(tour, definition), value);
  if (lookAt) await look(tour, executionArn);
  return executionArn;
};

const look = async ({ sfn }: Tour, executionArn: string): Promise<void> => {
  await sfn.describeExecution({ executionArn });
  await sfn.describeStateMachineForExecution({ executionArn });
  let nextToken: string | undefined;
  do {
    const page = await sfn.getExecutionHistory({ executionArn, maxResults: 10, ...(nextToken && { nextToken }) });
    nextToken = page.nextToken;
  } while (nextToken);
};

const machines = async (tour: Tour): Promise<void> => {
  const { sfn } = tour;
  const destinations = [
    { cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:papilio:*` } },
  ];
  const stateMachineArn = await create(tour, ONE, {
    publish: true,
    versionDescription: 'the first',
    loggingConfiguration: { level: 'ALL', destinations },
    tags: [{ key: 'k', value: 'v' }],
  });
  const definition = JSON.stringify(
    machineOf({ Only: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { a: 1 }, Output: '{% $a %}', End: true } }),
  );
  await sfn.updateStateMachine({ stateMachineArn, definition, publish: true });
  await sfn.publishStateMachineVersion({ stateMachineArn, description: 'the third' });
  await sfn.describeStateMachine({ stateMachineArn });
  await sfn.describeStateMachine({ stateMachineArn: `${stateMachineArn}:1` });
  await sfn.listStateMachineVersions({ stateMachineArn, maxResults: 1 });
  await create(tour, HOLD);
  await sfn.listStateMachines({ maxResults: 1 });
  await sfn.listTagsForResource({ resourceArn: stateMachineArn });
  const routingConfiguration = [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }];
  const aliases = ['A', 'B'].map((name) =>
    sfn.createStateMachineAlias({ name, routingConfiguration, description: 'd' }),
  );
  const [{ stateMachineAliasArn } = {}] = await Promise.all(aliases);
  await sfn.updateStateMachineAlias({ stateMachineAliasArn, description: 'changed' });
  await sfn.describeStateMachineAlias({ stateMachineAliasArn });
  await sfn.listStateMachineAliases({ stateMachineArn, maxResults: 1 });
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  await look(tour, await start(tour, String(stateMachineAliasArn), {}, { traceHeader }));
  await look(tour, await start(tour, stateMachineArn));
  await sfn.listExecutions({ stateMachineArn, maxResults: 1 });
  await sfn.listExecutions({ stateMachineArn });
  const bad = { definition: JSON.stringify(machineOf({ Only: { Type: 'Pass' } })) };
  await sfn.validateStateMachineDefinition(bad);
};

const executions = async (tour: Tour): Promise<void> => {
  const { sfn, states } = tour;
  const catching = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Then' }] };
  const then = { Then: { Type: 'Pass', End: true } };
  const task = (Resource: string, more: object = {}) =>
    machineOf({ Do: { Type: 'Task', Resource, End: true, ...more } });
  const invoke = 'arn:aws:states:::lambda:invoke';
  const call = (name: string) => ({ Parameters: { FunctionName: name, Payload: { 'token.$': '$$.Task.Token' } } });
  const limits = { TimeoutSeconds: 2, HeartbeatSeconds: 1 };
  for (const name of ['good', 'bad']) {
    await run(tour, task(functionArn(name), { TimeoutSeconds: 9 }));
    await run(tour, task(invoke, call(name)));
  }
  await run(tour, machineOf({ Do: { Type: 'Task', Resource: functionArn('bad'), ...catching, End: true }, ...then }));
  const late = [
    await run(tour, task(functionArn('slow'), { TimeoutSeconds: 2 })),
    await run(tour, task(`${invoke}.waitForTaskToken`, { ...call('good'), ...limits })),
    await run(tour, { ...HOLD, TimeoutSeconds: 2 }),
  ];
  await states.clock.advance(3000);
  for (const executionArn of late) await look(tour, executionArn);
  const held = await run(tour, HOLD);
  await sfn.stopExecution({ executionArn: held, error: 'Enough', cause: 'over' });
  await look(tour, held);
  await run(tour, machineOf({ Each: { Type: 'Map', ItemProcessor: ONE, End: true } }), [1, 2]);
  const choosing = machineOf({
    Is: { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: 'Stop' }], Default: 'Rest' },
    Rest: { Type: 'Wait', Seconds: 3600, End: true },
    Stop: { Type: 'Fail', Error: 'E', Cause: 'c' },
  });
  await run(tour, machineOf({ Each: { Type: 'Map', ItemProcessor: choosing, End: true } }), [1, null]);
  await run(
    tour,
    machineOf({
      Sum: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { a: '{% $states.input.none %}' }, Output: 1, End: true },
    }),
  );
  await run(
    tour,
    machineOf({
      Set: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { a: 1 }, Output: '{% 1 %}', Next: 'End' },
      End: { Type: 'Succeed' },
    }),
  );
  await run(tour, machineOf({ Stop: { Type: 'Fail', Error: 'Magnet', Cause: 'quench' } }));
};

const redrives = async (tour: Tour): Promise<void> => {
  const { sfn } = tour;
  const definition = machineOf({ Do: { Type: 'Task', Resource: functionArn('bad'), End: true } });
  const stateMachineArn = await create(tour, definition);
  const executionArn = await start(tour, stateMachineArn);
  await sfn.redriveExecution({ executionArn });
  await settle(tour);
  await look(tour, executionArn);
  await sfn.listExecutions({ stateMachineArn });
};

const mapRuns = async (tour: Tour): Promise<void> => {
  const { sfn } = tour;
  const map = aDistributedMap({ Type: 'Task', Resource: functionArn('bad') }, { ToleratedFailureCount: 0 });
  for (const count of [1, 2]) {
    const executionArn = await run(
      tour,
      map,
      Array.from({ length: count }, (_, at) => at),
    );
    for (const step of ['failed', 'redriven']) {
      if (step === 'redriven') await sfn.redriveExecution({ executionArn });
      await settle(tour);
      await look(tour, executionArn);
      const { mapRuns: runs = [] } = await sfn.listMapRuns({ executionArn });
      const mapRunArn = runs[0]?.mapRunArn;
      await sfn.describeMapRun({ mapRunArn });
      const { executions: children = [] } = await sfn.listExecutions({ mapRunArn });
      for (const child of children) await look(tour, String(child.executionArn));
    }
  }
  const { Each: first } = JSON.parse(JSON.stringify(map).replace('function:bad', 'function:good')).States;
  const { Each: second } = JSON.parse(JSON.stringify({ Each: first }).replaceAll('One', 'Two').replace('each', 'then'));
  const { End: _end, ...goesOn } = first;
  const both = machineOf({ Each: { ...goesOn, ResultPath: null, Next: 'Then' }, Then: second });
  await sfn.listMapRuns({ executionArn: await run(tour, both, [1]), maxResults: 1 });
};

const express = async (tour: Tour): Promise<void> => {
  const { sfn } = tour;
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const good = await create(tour, ONE, { type: 'EXPRESS' });
  await sfn.startSyncExecution({ stateMachineArn: good, input: '{}', traceHeader });
  const bad = await create(tour, machineOf({ Stop: { Type: 'Fail', Error: 'E', Cause: 'c' } }), { type: 'EXPRESS' });
  await sfn.startSyncExecution({ stateMachineArn: bad });
};

const activities = async (tour: Tour): Promise<void> => {
  const { sfn, states } = tour;
  const { activityArn } = await sfn.createActivity({ name: 'one' });
  await sfn.createActivity({ name: 'two' });
  await sfn.describeActivity({ activityArn });
  await sfn.listActivities({ maxResults: 1 });
  const stateMachineArn = await create(
    tour,
    machineOf({ Do: { Type: 'Task', Resource: activityArn, TimeoutSeconds: 9, HeartbeatSeconds: 5, End: true } }),
  );
  const answers = [
    (taskToken: string) => sfn.sendTaskSuccess({ taskToken, output: '1' }),
    (taskToken: string) => sfn.sendTaskFailure({ taskToken, error: 'E', cause: 'c' }),
    () => states.clock.advance(9000),
  ];
  for (const answer of answers) {
    const executionArn = await start(tour, stateMachineArn);
    const { taskToken } = await sfn.getActivityTask({ activityArn, workerName: 'anna' });
    await sfn.sendTaskHeartbeat({ taskToken });
    await answer(String(taskToken));
    await look(tour, executionArn);
  }
};

const testStates = async ({ sfn }: Tour): Promise<void> => {
  const tryState = (state: object, mock: object | undefined, more: object = {}) =>
    sfn.testState({
      definition: JSON.stringify(state),
      inspectionLevel: 'TRACE',
      input: '{"items":[1,2]}',
      ...(mock && { mock }),
      ...more,
    });
  const task = { Type: 'Task', Resource: functionArn('f'), Next: 'Then' };
  const failing = { errorOutput: { error: 'E', cause: 'c' } };
  const selected = { Parameters: { a: 1 }, ResultSelector: { b: 2 }, ResultPath: '$.c' };
  await tryState({ ...task, ...selected }, { result: '{}' }, { variables: '{"v":1}' });
  await tryState({ ...task, QueryLanguage: 'JSONata', Arguments: { a: 1 } }, { result: '{}' });
  await tryState({ ...task, Retry: [{ ErrorEquals: ['E'] }] }, failing);
  await tryState({ ...task, Catch: [{ ErrorEquals: ['E'], Next: 'Then' }] }, failing);
  const InvocationConfig = { ConnectionArn: `arn:aws:events:us-east-1:${account}:connection/c/0` };
  const http = { ApiEndpoint: 'https://api.example.com/', Method: 'POST', InvocationConfig };
  await tryState({ ...task, Resource: 'arn:aws:states:::http:invoke', Parameters: http }, undefined, { roleArn });
  const map = { Type: 'Map', ItemsPath: '$.items', ItemSelector: { x: 1 }, MaxConcurrency: 2, End: true };
  const each = Object(aDistributedMap({ Type: 'Pass' })).States.Each;
  const tolerant = { ItemBatcher: { MaxItemsPerBatch: 1 }, ToleratedFailureCount: 1, ToleratedFailurePercentage: 5 };
  await tryState({ ...each, ...map, ...tolerant }, { result: '[1,2]' });
  const reader = {
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', ItemsPointer: '/items' },
      Parameters: { Bucket: 'b', Key: 'k' },
    },
  };
  const { ItemsPath: _path, ...without } = { ...each, ...map };
  await tryState(
    { ...without, ...reader },
    { result: '[1,2]' },
    { stateConfiguration: { mapItemReaderData: '{"items":[1]}' } },
  );
};

/** What is said to every service, and what it answers. */
const callService: StatesContext['callService'] = async ({ trace }) => {
  const message = { protocol: 'https', headers: '[]', body: '{}' };
  trace?.tell('request', { ...message, method: 'POST', url: 'https://api.example.com/' });
  trace?.tell('response', { ...message, statusCode: '200', statusMessage: 'OK' });
  return { ok: true, output: {} };
};

/** Goes through the whole API with AWS's client, and collects what each operation answered. */
export const tourOfTheApi = async (): Promise<Answers> => {
  const states = aStatesPart({ objects: memoryObjects(), callService });
  const call = (_service: string, operation: string, input: unknown, signal?: AbortSignal): Promise<object> => {
    const run = states.part.operations[operation];
    if (!run) throw new Error(`there is no ${operation}`);
    return run(input, signal);
  };
  const requestHandler = createRequestHandler({ routes: { [account]: { call } }, defaultAccount: account });
  const sfn = new SFN({ ...noSigning, requestHandler, maxAttempts: 1 });
  const answers = new Map<string, unknown[]>();
  sfn.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args);
        const operation = commandName.replace(/Command$/, '');
        answers.set(operation, [...(answers.get(operation) ?? []), result.output]);
        return result;
      },
    { step: 'initialize' },
  );
  for (const part of [machines, executions, redrives, mapRuns, express, activities, testStates])
    await part({ sfn, states });
  sfn.destroy();
  states.part.close();
  return answers;
};
