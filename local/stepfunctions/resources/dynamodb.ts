import { isObject } from '../json.ts';
import type { IntegrationType } from './integration.ts';
import { parametersOf } from './parameters.ts';
import { sdkAnswer } from './sdk-answer.ts';

const ACTIONS = new Map([
  ['getItem', 'GetItem'],
  ['putItem', 'PutItem'],
  ['updateItem', 'UpdateItem'],
  ['deleteItem', 'DeleteItem'],
]);

/** `dynamodb:getItem` and its like: one item, in the words of DynamoDB's own JSON. */
export const dynamodbItem: IntegrationType = {
  pattern: /^arn:[^:]+:states:::dynamodb:(getItem|putItem|updateItem|deleteItem)$/,
  compile: (_definition, match) => {
    const resource = match[1] ?? 'getItem';
    return {
      events: { resourceType: 'dynamodb', resource },
      completion: 'result',
      request: (_turn, _thread, payload) => ({
        type: 'call',
        service: 'dynamodb',
        action: ACTIONS.get(resource) ?? 'GetItem',
        input: parametersOf(`dynamodb:${resource}`, payload),
        awaitsToken: false,
      }),
      result: (turn, thread, output) => sdkAnswer(turn, thread, isObject(output) ? output : {}),
    };
  },
};
