import { SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { machineArn } from '../../../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../../../functions/adapters/queues/sqs.ts';
import { catalog, machines } from '../../../../functions/catalog.ts';
import { changedMachines, ensureMachines, queuesFedBy } from '../../../../local/plane/machines.ts';
import { addressable, queuesOf } from '../../../../local/plane/queues.ts';
import { aPlaneEngine, region } from '../../../builders/a-plane-engine.ts';

const folder = new URL('../../../../statemachines/', import.meta.url);
const plane = 'archive';
const queues = addressable(plane, catalog, queuesOf(plane, catalog, ['local']));
const names = { plane, region, catalog, machines, queues, queueUrl, machineArn } as const;

test('a definition that somebody has changed is found, and put back by the next ensuring', async () => {
  const { aws } = await aPlaneEngine(plane, 'over HTTP');
  const client = new SFNClient(aws);
  await ensureMachines(client, folder, names);
  expect(await changedMachines(client, folder, names)).toEqual([]);
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  await client.send(
    new UpdateStateMachineCommand({ stateMachineArn: machineArn('archive-stf', plane, region), definition }),
  );
  expect(await changedMachines(client, folder, names)).toEqual(['archive-stf']);
  await ensureMachines(client, folder, names);
  expect(await changedMachines(client, folder, names)).toEqual([]);
});

test('the queues that state machines send to are those of jobs, and none that people’s commands go through', async () => {
  expect([...(await queuesFedBy(folder, { plane: 'work', machines }))].sort()).toEqual([
    'broker',
    'facility',
    'register',
  ]);
  expect([...(await queuesFedBy(folder, { plane: 'archive', machines }))]).toEqual([]);
});
