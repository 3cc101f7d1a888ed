import { isObject } from '../json.ts';
import type { IntegrationType } from './integration.ts';
import { parametersOf, withText } from './parameters.ts';
import { sdkAnswer } from './sdk-answer.ts';

/** `sqs:sendMessage` and its callback form; a body that is a value is sent as its text. */
export const sqsSendMessage: IntegrationType = {
  pattern: /^arn:[^:]+:states:::sqs:(sendMessage(\.waitForTaskToken)?)$/,
  compile: (_definition, match) => {
    const awaitsToken = match[2] !== undefined;
    return {
      events: { resourceType: 'sqs', resource: match[1] ?? 'sendMessage' },
      completion: awaitsToken ? 'token' : 'result',
      request: (_turn, _thread, payload) => ({
        type: 'send',
        input: withText(parametersOf('sqs:sendMessage', payload), 'MessageBody'),
        awaitsToken,
      }),
      result: (turn, thread, output) => sdkAnswer(turn, thread, isObject(output) ? output : {}),
    };
  },
};
