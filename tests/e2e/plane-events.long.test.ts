import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { accounts } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import { aWebServer } from '../builders/a-web-server.ts';
import { aFolder, aHouse } from './planes/test-house.ts';

const TopicArn = `arn:aws:sns:us-east-1:${accounts.work}:runs`;
const machine = {
  StartAt: 'Tell',
  States: {
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      Parameters: { TopicArn, Message: 'run 7' },
      End: true,
    },
  },
};

test('a state machine of a plane tells a webhook by the file of events', async () => {
  const { url, seen } = await aWebServer();
  const folder = await aFolder();
  const events = join(await aFolder(), 'events.json');
  await writeFile(
    events,
    JSON.stringify({ Topics: [{ TopicName: 'runs', Subscriptions: [{ Protocol: 'http', Endpoint: url }] }] }),
  );
  await aHouse(folder, { environment: { PAPILIO_EVENTS: events, PAPILIO_ALLOW_PRIVATE_HTTP: '127.0.0.1' } });
  const routes = { [accounts.work]: { socketPath: join(folder, 'work', 'sock') } };
  const sfn = new SFNClient({
    ...noSigning,
    requestHandler: createRequestHandler({ routes, defaultAccount: accounts.work }),
  });
  onTestFinished(() => sfn.destroy());
  const roleArn = `arn:aws:iam::${accounts.work}:role/any`;
  const definition = JSON.stringify(machine);
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: 'tell', definition, roleArn }));
  await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1);
  expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ Type: 'Notification', TopicArn, Message: 'run 7' });
}, 60_000);
