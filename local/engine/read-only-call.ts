import { AwsError } from './part.ts';
import type { Call } from './protocol.ts';

/** What only looks. `ReceiveMessage` and `GetActivityTask` take what they find away from others. */
const reading =
  /^(Describe|List)[A-Z]|^Get(ExecutionHistory|QueueUrl|QueueAttributes)$|^ValidateStateMachineDefinition$/;

/** An engine at which nothing can be changed; `remedy` says whom to ask for more. */
export const readOnlyCall =
  (call: Call, remedy: string): Call =>
  async (service, operation, input, signal) => {
    if (reading.test(operation)) return call(service, operation, input, signal);
    throw new AwsError(
      'AccessDeniedException',
      `${operation.slice(0, 80)} is refused: this port only reads. ${remedy}`,
      403,
    );
  };
