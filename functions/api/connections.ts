import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from './limits.ts';

type Bounds = Pick<Limits, 'connections' | 'connectionsPerAddress'>;

const loopback = /^(::1$|(::ffff:)?127\.)/;
/** Whether an address is this machine's own. */
export const isLoopback = (address: string | undefined): boolean => address !== undefined && loopback.test(address);

/** An address as a client is counted by: whoever has one address of IPv6 has 2^64 of them. */
export const clientAddress = (address = ''): string =>
  address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;

/**
 * Bounds the connections of a server. One too many takes the place of the one that has asked nothing for longest, so that
 * any number of silent connections locks nobody out; where all are at work, it is closed itself.
 */
export const boundConnections = (server: Server, { connections, connectionsPerAddress }: Bounds): void => {
  /** Silent connections, the one that has been so for longest first. */
  const silent = new Set<Socket>();
  const held = new Map<string, number>();
  const addressOf = new WeakMap<Socket, string>();
  /** Requests of a connection that are being answered: one may send the next before. */
  const asked = new WeakMap<Socket, number>();
  const count = (address: string, by: number): void => {
    const now = (held.get(address) ?? 0) + by;
    if (now > 0) held.set(address, now);
    else held.delete(address);
  };
  let all = 0;

  /** @returns whether there is room now */
  const makeRoom = (wanted: (other: Socket) => boolean): boolean => {
    for (const other of silent) {
      if (!wanted(other)) continue;
      silent.delete(other);
      other.destroy();
      return true;
    }
    return false;
  };

  const hasRoom = (address: string): boolean => {
    const isFull = !isLoopback(address) && (held.get(address) ?? 0) >= connectionsPerAddress;
    if (isFull && !makeRoom((other) => addressOf.get(other) === address)) return false;
    return isFull || all < connections || makeRoom(() => true);
  };

  server.prependListener('connection', (socket) => {
    const address = clientAddress(socket.remoteAddress);
    if (!hasRoom(address)) {
      socket.destroy();
      return;
    }
    addressOf.set(socket, address);
    silent.add(socket);
    count(address, 1);
    all += 1;
    socket.once('close', () => {
      silent.delete(socket);
      count(address, -1);
      all -= 1;
    });
  });
  server.prependListener('request', ({ socket }, response) => {
    silent.delete(socket);
    asked.set(socket, (asked.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (asked.get(socket) ?? 1) - 1;
      asked.set(socket, left);
      if (left === 0 && !socket.destroyed) silent.add(socket);
    });
  });
};
