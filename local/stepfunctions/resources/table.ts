import type { Definition } from '../definition.ts';
import { activity } from './activity.ts';
import { awsSdk } from './aws-sdk.ts';
import { dynamodbItem } from './dynamodb.ts';
import { eventsPut } from './events.ts';
import { httpInvoke } from './http.ts';
import type { Integration, IntegrationType } from './integration.ts';
import { lambdaFunction, lambdaInvoke } from './lambda.ts';
import { snsPublish } from './sns.ts';
import { sqsSendMessage } from './sqs.ts';
import { startExecution } from './states.ts';

/** Everything a Task state's Resource can name. */
const INTEGRATIONS: readonly IntegrationType[] = [
  activity,
  lambdaFunction,
  lambdaInvoke,
  sqsSendMessage,
  startExecution,
  dynamodbItem,
  snsPublish,
  eventsPut,
  httpInvoke,
  awsSdk,
];

/** Finds and compiles the integration that a Task state names. */
export const compileIntegration = (definition: Definition): Integration | undefined => {
  const resource = definition.requiredText('Resource');
  if (resource === undefined) return undefined;
  for (const type of INTEGRATIONS) {
    const match = type.pattern.exec(resource);
    if (match) return type.compile(definition, match);
  }
  const isArn = resource.startsWith('arn:');
  definition.problem(
    'Resource',
    isArn ? `The resource provided ${resource} is not supported` : 'Value is not a valid resource ARN',
  );
  return undefined;
};
