import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Follows the connections of a server and returns what ends it: who waits for an answer gets it, and then no connection is left, not
 * those that are kept for a next request and not those that have never sent one. Node's own `close` waits for both.
 */
export const gentleEnd = (server: Server): (() => Promise<void>) => {
  const unused = new Set<Socket>();
  let isEnding = false;
  const rest = (socket: Socket): void => {
    if (isEnding) socket.destroySoon();
    else if (!socket.destroyed) unused.add(socket);
  };
  server.on('connection', (socket) => {
    socket.once('close', () => unused.delete(socket));
    rest(socket);
  });
  server.on('request', ({ socket }, response) => {
    unused.delete(socket);
    response.once('close', () => rest(socket));
  });
  return () =>
    new Promise((resolve) => {
      isEnding = true;
      server.close(() => resolve());
      for (const socket of unused) socket.destroy();
    });
};
