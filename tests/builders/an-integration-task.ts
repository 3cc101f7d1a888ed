import type { CallService, ServiceAnswer } from '../../local/stepfunctions/host.ts';
import { aStatesPart, machineOf, type TestStates } from './a-states-part.ts';

/** What a service is asked for. */
export type Asked = Parameters<CallService>[0];

/** Step Functions whose services all give one answer. */
export const answering = (answer: ServiceAnswer): { readonly asked: Asked[]; readonly states: TestStates } => {
  const asked: Asked[] = [];
  const callService: CallService = async (request) => {
    asked.push(request);
    return answer;
  };
  return { asked, states: aStatesPart({ callService }) };
};

/** A machine of one task that asks for a service. */
export const serviceTask = (resource: string, parameters: object, more: object = {}): object =>
  machineOf({
    Do: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Parameters: parameters, End: true, ...more },
  });
