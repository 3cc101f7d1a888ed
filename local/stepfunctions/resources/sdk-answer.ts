import { arnOf } from '../identity.ts';
import type { JsonObject } from '../json.ts';
import type { Thread, Turn } from '../model.ts';
import { seededUuid } from '../random.ts';

/** What the optimised integrations add to a service's answer; the request id follows from the try, so replays agree. */
export const sdkAnswer = (turn: Turn, thread: Thread, answer: JsonObject): JsonObject => {
  const requestId = seededUuid(`request/${arnOf(turn.run.identity)}/${thread.pending?.id ?? 0}`);
  return {
    ...answer,
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: { 'x-amzn-RequestId': requestId },
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
};
