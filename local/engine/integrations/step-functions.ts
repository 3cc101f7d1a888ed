import type { CallService } from '../../stepfunctions/host.ts';
import { isObject, type Json, type JsonObject, own } from '../../stepfunctions/json.ts';
import { seededUuid } from '../../stepfunctions/random.ts';

/** The input of a start that names its machine and not itself. */
const unnamedStart = (
  action: string,
  input: Json,
): { readonly input: JsonObject; readonly machineArn: string } | undefined => {
  if (action !== 'StartExecution' || !isObject(input) || own(input, 'Name')) return undefined;
  const machineArn = own(input, 'StateMachineArn');
  return typeof machineArn === 'string' ? { input, machineArn } : undefined;
};

const executionArn = (machineArn: string, name: string): string => {
  const [, prefix = '', machine = ''] = /^(.*):stateMachine:([^:]+)/.exec(machineArn) ?? [];
  return `${prefix}:execution:${machine}:${name}`;
};

/**
 * Step Functions, where an execution without a name gets one that is the same when the start is repeated after a restart;
 * a repeat that finds it taken is the first one's answer.
 */
export const namedStarts =
  (call: CallService): CallService =>
  async (request) => {
    const start = unnamedStart(request.action, request.input);
    if (start === undefined) return call(request);
    const name = seededUuid(`start/${request.invocationId}`);
    const answer = await call({ ...request, input: { ...start.input, Name: name } });
    if (answer.ok || answer.error !== 'ExecutionAlreadyExists') return answer;
    const ExecutionArn = executionArn(start.machineArn, name);
    const described = await call({ ...request, action: 'DescribeExecution', input: { ExecutionArn } });
    if (!described.ok || !isObject(described.output)) return described;
    return { ok: true, output: { ExecutionArn, StartDate: own(described.output, 'StartDate') ?? null } };
  };
