import type * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { arnOf } from '../identity.ts';
import { resourceIn } from '../machines/arn.ts';
import { lastPosition } from '../positions.ts';
import type { Execution } from '../registry.ts';
import { describeIssues } from './constraint.ts';

/** One AWS operation of this part. */
export type Operation = (host: Host, input: unknown, signal?: AbortSignal) => Promise<object>;

/** An operation whose input is parsed at this edge. */
export const operation =
  <S extends z.ZodType>(
    schema: S,
    run: (host: Host, input: z.infer<S>, signal?: AbortSignal) => Promise<object>,
  ): Operation =>
  async (host, input, signal) => {
    const parsed = schema.safeParse(input ?? {});
    if (parsed.success) return run(host, parsed.data, signal);
    const told = schema.safeParse(input ?? {}, { reportInput: true }).error ?? parsed.error;
    throw new AwsError('ValidationException', describeIssues(told.issues));
  };

/** Finds an execution by its ARN. @throws InvalidArn for one of an express machine, which nobody can look at */
export const executionOf = (host: Host, arn: string): Execution => {
  const [machine = '', name = ''] = resourceIn(arn, 'execution');
  // The children of a distributed Map have the Map's label behind their machine's name.
  const execution = machine.includes('/')
    ? host.registry.children.get(`${machine}:${name}`)
    : host.registry.machines.get(machine)?.executions.get(name);
  if (execution && host.context.journal.isHeld(lastPosition(execution.turns))) {
    const text = `Execution '${arn}' has changed since the journal cannot be written; ask again when it can.`;
    throw new AwsError('ServiceUnavailable', text, 503);
  }
  if (execution && arnOf(execution.identity) === arn) return execution;
  throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
};
