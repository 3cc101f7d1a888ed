import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as s3 from '@aws-sdk/client-s3';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { SDK_ACTIONS } from '../../local/stepfunctions/resources/sdk-actions.ts';

/** What no task can ask for: an answer that is a stream of events, permissions of queues that nobody checks. */
const LEFT_OUT = new Set(['selectObjectContent', 'addPermission', 'removePermission']);

const actionsOf = (client: object): string[] =>
  Object.keys(client)
    .flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? [])
    .map((name) => name.slice(0, 1).toLowerCase() + name.slice(1))
    .sort();

test.each([
  ['dynamodb', actionsOf(dynamodb)],
  ['eventbridge', actionsOf(eventbridge)],
  ['s3', actionsOf(s3).filter((action) => !LEFT_OUT.has(action))],
  ['sfn', actionsOf(sfn)],
  ['sns', actionsOf(sns)],
  ['sqs', actionsOf(sqs).filter((action) => !LEFT_OUT.has(action))],
])('aws-sdk:%s has all that its client has', (service, actions) => {
  expect([...(SDK_ACTIONS.get(service) ?? [])].sort()).toEqual(actions);
});
