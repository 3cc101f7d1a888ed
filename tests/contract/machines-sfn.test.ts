import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { createSfnMachines } from '../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { accounts } from '../../functions/catalog.ts';
import { awsAccessOf } from '../../functions/lib/cloud.ts';
import { type Config, readConfig } from '../../functions/lib/config.ts';
import { memoryMachines } from '../builders/a-deps-ports.ts';
import { aPlaneEngine, awsThrough, nobodyListens, region } from '../builders/a-plane-engine.ts';
import { onStepFunctions } from './machines-on-sfn.ts';
import { machinesSuite, type OpenMachines } from './machines-suite.ts';

const plane = 'work';
const machine = 'process-stf';

const executionArn = (name: string) => `arn:aws:states:${region}:${accounts[plane]}:execution:${machine}:${name}`;

const openSfn = async (way: 'in process' | 'over HTTP'): Promise<OpenMachines> => {
  const { aws, machines } = await aPlaneEngine(plane, way);
  const clients = { sqs: new SQSClient(aws), sfn: new SFNClient(aws) };
  const away = async () => createSfnMachines(awsThrough(plane, await nobodyListens()), plane, region);
  return onStepFunctions({ ...clients, machines, away, plane, region, tokens: queueUrl('tokens', plane) });
};

const openMemory = async (): Promise<OpenMachines> => {
  const tokens = new Set<string>();
  const machines = memoryMachines((token) => tokens.has(token));
  return {
    machines,
    inputOf: async (wanted, name) => machines.started.find((one) => one.machine === wanted && one.name === name)?.input,
    aToken: async () => {
      const token = `token-${tokens.size}`;
      tokens.add(token);
      return token;
    },
    end: async (name) => machines.stop(executionArn(name), '', 'anna: why'),
    idOf: executionArn,
    away: async () => {
      machines.isAway = true;
      return machines;
    },
  };
};

machinesSuite('Step Functions in process', () => openSfn('in process'));
machinesSuite('Step Functions over HTTP', () => openSfn('over HTTP'));
machinesSuite('in memory', openMemory);

test('where executions lie in an emulator’s memory, one that does not exist has not ended: it begins again', async () => {
  const { aws } = await aPlaneEngine(plane, 'in process');
  const machines = createSfnMachines({ ...aws, areForgotten: true }, plane, region);
  expect(await machines.endOf(executionArn('stf-never'))).toBeUndefined();
});

test('so it is for a function that runs on its own beside an emulator, and not for one on AWS', async () => {
  const { aws } = await aPlaneEngine(plane, 'over HTTP');
  const config = readConfig();
  const endOfNone = (there: Config) =>
    createSfnMachines({ ...awsAccessOf(there).machines, ...aws }, plane, region).endOf(executionArn('stf-never'));
  expect(await endOfNone({ ...config, AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' })).toBeUndefined();
  expect(await endOfNone({ ...config, AWS_ENDPOINT_URL_SFN: undefined })).toEqual({ status: 'unknown' });
});
