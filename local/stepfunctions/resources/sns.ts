import { isObject } from '../json.ts';
import type { IntegrationType } from './integration.ts';
import { parametersOf, withText } from './parameters.ts';
import { sdkAnswer } from './sdk-answer.ts';

/** `sns:publish` and its callback form; a message that is a value is sent as its text. */
export const snsPublish: IntegrationType = {
  pattern: /^arn:[^:]+:states:::sns:(publish(\.waitForTaskToken)?)$/,
  compile: (_definition, match) => {
    const awaitsToken = match[2] !== undefined;
    return {
      events: { resourceType: 'sns', resource: match[1] ?? 'publish' },
      completion: awaitsToken ? 'token' : 'result',
      request: (_turn, _thread, payload) => ({
        type: 'call',
        service: 'sns',
        action: 'Publish',
        input: withText(parametersOf('sns:publish', payload), 'Message'),
        awaitsToken,
      }),
      result: (turn, thread, output) => sdkAnswer(turn, thread, isObject(output) ? output : {}),
    };
  },
};
