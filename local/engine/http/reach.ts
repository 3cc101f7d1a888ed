import { BlockList, isIP, isIPv6 } from 'node:net';

/** Which addresses may be called. */
export type Reach = {
  /** Why a call must not go to this address of this host; `undefined` if it may. */
  readonly refusal: (host: string, address: string) => string | undefined;
  /** Whether somebody opened this host or address: plain HTTP is as good as the operator's word. */
  readonly isOpened: (host: string, address: string) => boolean;
};

/**
 * What is not the public internet: private, loopback, link-local, shared, documentation and multicast addresses, and forms
 * of IPv6 that hide an IPv4 address.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...[
    '224.0.0.0/4',
    '240.0.0.0/4',
    '::/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
  ],
  ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** An address without its zone; IPv4 that is mapped into IPv6 is found by rules of both families. */
const bare = (address: string): string => address.split('%')[0] ?? address;

const isIn = (list: BlockList, address: string): boolean => list.check(bare(address), familyOf(bare(address)));

const addTo = (list: BlockList, entry: string): void => {
  const [address = '', bits] = entry.split('/');
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
};

const notPublic = new BlockList();
for (const subnet of NOT_PUBLIC) addTo(notPublic, subnet);

const isNetwork = (entry: string): boolean => {
  const [address = '', bits = '0', more] = entry.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && more === undefined;
};

const hostName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i;

/** Makes the rule: the public internet, and what the list opens by host name, address or CIDR. */
export const createReach = (opened: readonly string[] = []): Reach => {
  const networks = new BlockList();
  const hosts = new Set<string>();
  for (const entry of opened) {
    if (isNetwork(entry)) addTo(networks, entry);
    else if (hostName.test(entry)) hosts.add(entry.toLowerCase());
    else throw new Error(`${entry} is neither a host name nor an address nor a network such as 10.0.0.0/8.`);
  }
  const isOpened: Reach['isOpened'] = (host, address) => hosts.has(host.toLowerCase()) || isIn(networks, address);
  return {
    isOpened,
    refusal: (host, address) =>
      !isIn(notPublic, address) || isOpened(host, address)
        ? undefined
        : `${host} is at ${address}, which is no public address. Open it with --allow-private-http.`,
  };
};
