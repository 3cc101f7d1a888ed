import { StateFailure } from '../failure.ts';
import { isObject, type Json, jsonSize, own } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { IntegrationType } from './integration.ts';
import { sdkAnswer } from './sdk-answer.ts';

/** A body that is a value is sent as its text. */
const messageOf = (payload: Json): Json => {
  if (!isObject(payload)) return {};
  const body = own(payload, 'MessageBody');
  if (body === undefined || typeof body === 'string') return payload;
  if (jsonSize(body, MAX_DATA_BYTES) > MAX_DATA_BYTES) throw new StateFailure('States.DataLimitExceeded');
  return { ...payload, MessageBody: JSON.stringify(body) };
};

/** `sqs:sendMessage` and its callback form. */
export const sqsSendMessage: IntegrationType = {
  pattern: /^arn:[^:]+:states:::sqs:(sendMessage(\.waitForTaskToken)?)$/,
  compile: (_definition, match) => {
    const awaitsToken = match[2] !== undefined;
    return {
      events: { resourceType: 'sqs', resource: match[1] ?? 'sendMessage' },
      completion: awaitsToken ? 'token' : 'result',
      request: (_turn, _thread, payload) => ({ type: 'send', input: messageOf(payload), awaitsToken }),
      result: (turn, thread, output) => sdkAnswer(turn, thread, isObject(output) ? output : {}),
    };
  },
};
