import { onTestFinished } from 'vitest';
import { type Log, silentLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { createReach } from '../../local/engine/http/reach.ts';
import { type GatewayOptions, openGateway } from '../../local/host/openfaas/gateway.ts';
import { aMemoryHost, type Handler, type MemoryHost, usually } from './a-memory-host.ts';

/** Who may administer the gateways of the tests. */
export const administrator = { user: 'admin', password: 'pass:word' };
/** The header that says so. */
export const asAdministrator = {
  authorization: `Basic ${Buffer.from(`${administrator.user}:${administrator.password}`).toString('base64')}`,
};

/** Posts to a gateway as its administrator. */
export const postTo = (url: string, body = '', headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', body, headers: { ...asAdministrator, ...headers } });

type Options = Partial<GatewayOptions> & { readonly opened?: readonly string[] };

/** The functions that it has unless others are given. */
const functions: Readonly<Record<string, Handler>> = {
  echo: async (input) => ({ input }),
  nothing: async () => undefined,
};

/** Opens a gateway on loopback before a host in memory; closed with the test. Callbacks may go to what is `opened`. */
export const aGateway = async (
  handlers: Readonly<Record<string, Handler>> = functions,
  { opened = ['127.0.0.1'], ...options }: Options = {},
): Promise<{ readonly url: string; readonly host: MemoryHost; readonly close: () => Promise<void> }> => {
  const host = aMemoryHost(handlers);
  const gateway = await openGateway({
    ...{ host, clock: systemClock, log: silentLog, port: 0, credentials: administrator },
    ...{ reach: createReach(opened), release: '0.1.0', usual: () => usually },
    ...options,
  });
  onTestFinished(gateway.close);
  return { url: gateway.url, host, close: gateway.close };
};

/** A log that keeps what is said in it, and tells when something was. */
export const aKeptLog = (): { readonly log: Log; readonly lines: object[]; readonly whenSaid: Promise<object> } => {
  const lines: object[] = [];
  const { promise: whenSaid, resolve } = Promise.withResolvers<object>();
  const keep = (fields: object, message: string): void => {
    lines.push({ ...fields, message });
    resolve({ ...fields, message });
  };
  return { log: { debug: keep, info: keep, warn: keep, error: keep }, lines, whenSaid };
};
