import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from './limits.ts';

type Bounds = Pick<Limits, 'connections' | 'connectionsPerAddress'>;

const loopback = /^(::1$|(::ffff:)?127\.)/;
/** Whether an address is this machine's own. */
export const isLoopback = (address: string | undefined): boolean => address !== undefined && loopback.test(address);

/** An address as a client is counted by: whoever has one address of IPv6 has 2^64 of them. */
export const clientAddress = (address = ''): string => {
  if (!address.includes(':') || address.includes('.')) return address;
  const [left = [], right = []] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
};

/** A connection: whose it is, how many of its requests are being answered, and since which turn none is. */
type Held = { readonly address: string; asked: number; silentSince: number };

/**
 * Bounds the connections of a server. One too many takes the place of the one that has asked nothing for longest, so that
 * any number of silent connections locks nobody out; where all are at work, it is closed itself. Each request costs a
 * look-up; only a connection too many looks through all of them.
 */
export const boundConnections = (server: Server, { connections, connectionsPerAddress }: Bounds): void => {
  const held = new Map<Socket, Held>();
  const counts = new Map<string, number>();
  let turn = 0;
  const forget = (socket: Socket): void => {
    const known = held.get(socket);
    if (known === undefined) return;
    held.delete(socket);
    const left = (counts.get(known.address) ?? 1) - 1;
    if (left > 0) counts.set(known.address, left);
    else counts.delete(known.address);
  };

  /** @returns whether there is room now */
  const makeRoom = (isWanted: (other: Held) => boolean): boolean => {
    let longest: readonly [Socket, Held] | undefined;
    for (const one of held) {
      if (one[1].asked > 0 || !isWanted(one[1])) continue;
      if (longest === undefined || one[1].silentSince < longest[1].silentSince) longest = one;
    }
    if (longest === undefined) return false;
    forget(longest[0]);
    longest[0].destroy();
    return true;
  };

  const hasRoom = (address: string): boolean => {
    const isFull = !isLoopback(address) && (counts.get(address) ?? 0) >= connectionsPerAddress;
    if (isFull) return makeRoom((other) => other.address === address);
    return held.size < connections || makeRoom(() => true);
  };

  server.prependListener('connection', (socket) => {
    const address = clientAddress(socket.remoteAddress);
    if (!hasRoom(address)) {
      socket.destroy();
      return;
    }
    held.set(socket, { address, asked: 0, silentSince: turn++ });
    counts.set(address, (counts.get(address) ?? 0) + 1);
    socket.once('close', () => forget(socket));
  });
  server.prependListener('request', ({ socket }, response) => {
    const known = held.get(socket);
    if (known === undefined) return;
    known.asked += 1;
    response.once('close', () => {
      known.asked -= 1;
      known.silentSince = turn++;
    });
  });
};
