import { arnOf, type Identity } from '../identity.ts';
import { isArray, isObject, type Json, own } from '../json.ts';
import type { Request } from '../request.ts';
import type { TaskFailure } from './call-failure.ts';
import type { IntegrationType } from './integration.ts';
import { parametersOf, withText } from './parameters.ts';

/** Every event names the machine and the execution that it comes from. */
const eventOf = (entry: Json, identity: Identity): Json => {
  if (!isObject(entry)) return entry;
  const named = own(entry, 'Resources');
  const resources = [...(isArray(named) ? named : []), identity.home.machineArn, arnOf(identity)];
  return { ...withText(entry, 'Detail'), Resources: resources };
};

/** `events:putEvents` and its callback form; an event that was not taken fails the task. */
export const eventsPut: IntegrationType = {
  pattern: /^arn:[^:]+:states:::events:(putEvents(\.waitForTaskToken)?)$/,
  compile: (_definition, match) => {
    const awaitsToken = match[2] !== undefined;
    return {
      events: { resourceType: 'events', resource: match[1] ?? 'putEvents' },
      completion: awaitsToken ? 'token' : 'result',
      request: (turn, _thread, payload) => {
        const parameters = parametersOf('events:putEvents', payload);
        const entries = own(parameters, 'Entries') ?? null;
        const events = isArray(entries) ? entries.map((entry) => eventOf(entry, turn.run.identity)) : entries;
        return { type: 'call', service: 'eventbridge', action: 'PutEvents', input: { Entries: events }, awaitsToken };
      },
      result: (_turn, _thread, output) => output,
    };
  },
};

/** The failure of a task whose events were not all taken; the answer of `aws-sdk:` is the state machine's to look at. */
export const refusedEvents = (
  { service, isSdk }: Extract<Request, { type: 'call' }>,
  output: Json,
): TaskFailure | undefined => {
  const failed = service === 'eventbridge' && !isSdk && isObject(output) ? own(output, 'FailedEntryCount') : 0;
  return failed ? { error: 'EventBridge.FailedEntry', cause: JSON.stringify(output) } : undefined;
};
