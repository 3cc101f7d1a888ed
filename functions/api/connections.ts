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

/** A connection: whose it is, how many of its requests are being answered, and since which turn that is so, or none is. */
type Held = { readonly address: string; account: string | undefined; asked: number; since: number };

/** Says to which account the requests of a connection are charged. */
export type Charge = (socket: Socket, account: string) => void;

/** A part of all connections is left to those that have asked nothing yet: they may be about to say who they are. */
const silentShare = 0.1;

type Entry = readonly [Socket, Held];
const longest = (entries: readonly Entry[]): Entry | undefined =>
  entries.reduce<Entry | undefined>((first, one) => (first && first[1].since <= one[1].since ? first : one), undefined);

/** Those of the account that has most connections at work. */
const largestOf = (busy: readonly Entry[]): readonly Entry[] => {
  const groups = Map.groupBy(busy, ([, { account }]) => account);
  return [...groups.values()].reduce<readonly Entry[]>((most, one) => (one.length > most.length ? one : most), []);
};

/**
 * The connection that makes room for another: the one that has asked nothing for longest, so that any number of silent
 * connections locks nobody out; where there are few of these, the one that has been at work longest for the account
 * that has most at work, so that nobody takes the last one from others.
 */
const toEvict = (held: Iterable<Entry>, most: number): Entry | undefined => {
  const { silent = [], busy = [] } = Object.groupBy(held, ([, { asked }]) => (asked > 0 ? 'busy' : 'silent'));
  if (silent.length > most * silentShare) return longest(silent);
  return longest(largestOf(busy)) ?? longest(silent);
};

/**
 * Bounds the connections of a server; one too many takes the place of another. Each request costs a look-up; only a
 * connection too many looks through all of them.
 */
export const boundConnections = (server: Server, { connections, connectionsPerAddress }: Bounds): Charge => {
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

  const makeRoom = (among: Iterable<Entry>, most: number): void => {
    const [socket] = toEvict(among, most) ?? [];
    if (socket === undefined) return;
    forget(socket);
    socket.destroy();
  };

  const makeRoomFor = (address: string): void => {
    const isFull = !isLoopback(address) && (counts.get(address) ?? 0) >= connectionsPerAddress;
    if (isFull)
      makeRoom(
        [...held].filter(([, other]) => other.address === address),
        connectionsPerAddress,
      );
    else if (held.size >= connections) makeRoom(held, connections);
  };

  server.prependListener('connection', (socket) => {
    const address = clientAddress(socket.remoteAddress);
    makeRoomFor(address);
    held.set(socket, { address, account: undefined, asked: 0, since: turn++ });
    counts.set(address, (counts.get(address) ?? 0) + 1);
    socket.once('close', () => forget(socket));
  });
  server.prependListener('request', ({ socket }, response) => {
    const known = held.get(socket);
    if (known === undefined) return;
    if (known.asked === 0) known.since = turn++;
    known.asked += 1;
    response.once('close', () => {
      known.asked -= 1;
      if (known.asked === 0) known.since = turn++;
    });
  });
  return (socket, account) => {
    const known = held.get(socket);
    if (known !== undefined) known.account = account;
  };
};
