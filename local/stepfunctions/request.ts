import * as z from 'zod';
import { MapRequest } from './distributed/map-request.ts';
import { Question } from './jsonata/question.ts';
import { JsonValue } from './stimulus.ts';

/** An effect that an execution wants: performed at least once; what leaves the journal, only after its turn is durable. */
export const Request = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('invoke'),
    functionName: z.string(),
    payload: JsonValue,
    awaitsToken: z.boolean(),
    qualifier: z.string().optional(),
    invocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).optional(),
    clientContext: z.string().optional(),
    logType: z.enum(['None', 'Tail']).optional(),
  }),
  z.object({ type: z.literal('send'), input: JsonValue, awaitsToken: z.boolean() }),
  /** An action of a service outside of the engine: `dynamodb` `PutItem`, `http` `Invoke`. */
  z.object({
    type: z.literal('call'),
    service: z.string(),
    action: z.string(),
    input: JsonValue,
    awaitsToken: z.boolean(),
    /** Asked for by `aws-sdk:`. */
    isSdk: z.boolean().optional(),
  }),
  /** `name` is given by the definition or derived from the turn, so that a repeat finds its name taken. */
  z.object({
    type: z.literal('start'),
    machineArn: z.string(),
    input: z.string(),
    name: z.string(),
    awaits: z.enum(['start', 'end', 'token']),
  }),
  /** Whether there is an activity; asked before its work is scheduled. */
  z.object({ type: z.literal('findActivity'), activityArn: z.string() }),
  /** Work for whoever asks for it at the activity. */
  z.object({ type: z.literal('activity'), activityArn: z.string(), input: JsonValue, scheduledAtMs: z.number() }),
  MapRequest,
  Question,
]);

/** An effect that an execution wants. */
export type Request = z.infer<typeof Request>;
