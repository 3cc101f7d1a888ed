import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { readOnlyCall } from '../engine/read-only-call.ts';
import { type EngineServer, serveEngine } from '../engine/server.ts';
import { readKeys } from '../engine/signing/keys.ts';
import { createVerifier, type Verifier } from '../engine/signing/verifier.ts';
import type { AwsPort } from './aws-port.ts';
import type { Place } from './place.ts';

const remedy = 'Start papilio with --aws-acts to change its state machines, executions and queues here.';

/**
 * Opens the engine of a plane on loopback. It only reads unless the operator says otherwise, for what acts there acts in
 * papilio's name: a message in one of its queues is an order, and a state machine may call every function.
 */
export const serveAwsPort = async (
  { port, hostNames = [], credentials, acts = false }: AwsPort,
  engineering: Place['engineering'],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<EngineServer | undefined> => {
  let verify: Verifier | undefined;
  try {
    if (credentials !== undefined) verify = createVerifier(await readKeys(credentials), clock);
  } catch (error) {
    // They were good when papilio was started. The plane's own work does not wait for them.
    log.error(
      { reason: String(error) },
      "the port for AWS's clients stays closed until the plane starts with its keys",
    );
    return undefined;
  }
  const call = acts ? engineering.call : readOnlyCall(engineering.call, remedy);
  return serveEngine({
    ...engineering,
    call,
    listen: { port },
    guard: { hostNames, hostOption: '--aws-host-name', verify },
  });
};
