import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { ownSocket } from '../../clients/http/socket-fetch.ts';

/**
 * Serves an HTTP server that listens on a port also on a socket, that in the working directory without another; its path
 * stays short because it is relative. What comes over it comes from this machine, as from loopback, and has to show a token as anywhere.
 */
export const serveOnSocket = async (server: Server, path: string = ownSocket): Promise<() => Promise<void>> => {
  // The folder has one front, so a socket that lies there was left by a dead one.
  await rm(path, { force: true });
  const door = createServer({ allowHalfOpen: true }, (socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
    server.emit('connection', socket);
  });
  door.listen(path);
  await once(door, 'listening');
  await chmod(path, 0o600);
  return async () => {
    if (!door.listening) return;
    const closed = once(door, 'close');
    door.close();
    await closed;
  };
};
