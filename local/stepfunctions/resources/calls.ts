/** What a call that a service has an integration of its own for must be told, and all that it may be told. */
export type CallShape = { readonly needs: readonly string[]; readonly takes: readonly string[] };

const WRITES = [
  ...['ConditionalOperator', 'ConditionExpression', 'Expected', 'ExpressionAttributeNames'],
  ...['ExpressionAttributeValues', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics', 'ReturnValues'],
];
const READS = [
  ...['AttributesToGet', 'ConsistentRead', 'ExpressionAttributeNames', 'ProjectionExpression'],
  'ReturnConsumedCapacity',
];

const shape = (needs: readonly string[], more: readonly string[] = []): CallShape => ({
  needs,
  takes: [...needs, ...more],
});

/**
 * The optimised integrations that take nothing but what is listed here.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
export const CALLS: ReadonlyMap<string, CallShape> = new Map([
  ['dynamodb:getItem', shape(['TableName', 'Key'], READS)],
  ['dynamodb:putItem', shape(['TableName', 'Item'], WRITES)],
  ['dynamodb:updateItem', shape(['TableName', 'Key'], [...WRITES, 'AttributeUpdates', 'UpdateExpression'])],
  ['dynamodb:deleteItem', shape(['TableName', 'Key'], WRITES)],
  ['events:putEvents', shape(['Entries'])],
  [
    'http:invoke',
    shape(
      ['ApiEndpoint', 'Method'],
      ['Authentication', 'Headers', 'InvocationConfig', 'QueryParameters', 'RequestBody', 'Transform'],
    ),
  ],
  [
    'sns:publish',
    shape(
      ['Message'],
      [
        ...['MessageAttributes', 'MessageDeduplicationId', 'MessageGroupId', 'MessageStructure'],
        ...['PhoneNumber', 'Subject', 'TargetArn', 'TopicArn'],
      ],
    ),
  ],
  [
    'sqs:sendMessage',
    shape(
      ['QueueUrl', 'MessageBody'],
      ['DelaySeconds', 'MessageAttributes', 'MessageDeduplicationId', 'MessageGroupId'],
    ),
  ],
  ['states:startExecution', shape(['StateMachineArn'], ['Input', 'Name'])],
]);
