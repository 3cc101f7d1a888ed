import { once } from 'node:events';
import { createServer } from 'node:net';
import { PapilioError } from '#lib/errors';
import { hasCode } from '../engine/disk.ts';

/** An address to listen on. */
export type ListenAt = { readonly host: string; readonly port: number };

/** What hinders to listen there, if it is something that whoever starts papilio can change. */
export const hindrance = (error: unknown, { host, port }: ListenAt): unknown => {
  if (hasCode(error, 'EADDRNOTAVAIL'))
    return new PapilioError('bind-refused', `--host ${host}: no address of this machine`, error);
  if (!hasCode(error, 'EADDRINUSE')) return error;
  return new PapilioError('port-in-use', `${host}:${port}; choose another with --port, 0 takes a free one`, error);
};

/** Refuses an address that is taken, before anything is started that would try it again and again. @throws port-in-use, bind-refused */
export const checkFree = async (at: ListenAt): Promise<void> => {
  const server = createServer();
  try {
    server.listen(at);
    await once(server, 'listening');
  } catch (error) {
    throw hindrance(error, at);
  }
  server.close();
  await once(server, 'close');
};
