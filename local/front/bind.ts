import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Config } from '#lib/config';
import { PapilioError } from '#lib/errors';

/** Where the front listens unless it is told otherwise. */
export const defaultHost = '127.0.0.1';

const ownMachine = new BlockList();
ownMachine.addSubnet('127.0.0.0', 8, 'ipv4');
ownMachine.addAddress('::1', 'ipv6');

type Settings = Pick<Config, 'PAPILIO_OIDC_ISSUER' | 'PAPILIO_TLS_FRONT_SECRET_FILE' | 'PAPILIO_PUBLIC_URL'>;

/** Whether an address is one that only this machine reaches. */
export const isLoopback = (host: string): boolean =>
  isIP(host) !== 0 && ownMachine.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');

/** Whether people can show who they are by more than the administrator's token. */
const knowsPeople = ({ PAPILIO_OIDC_ISSUER, PAPILIO_TLS_FRONT_SECRET_FILE }: Settings): boolean =>
  PAPILIO_OIDC_ISSUER.length > 0 || PAPILIO_TLS_FRONT_SECRET_FILE !== undefined;

/**
 * Refuses to listen where others reach the front while it could not tell who they are, and where it is no address.
 * @throws bind-refused
 */
export const checkBind = (host: string, settings: Settings): void => {
  if (isIP(host) === 0) throw new PapilioError('bind-refused', `--host ${host.slice(0, 100)}: not an IP address`);
  if (isLoopback(host) || knowsPeople(settings)) return;
  throw new PapilioError('bind-refused', `--host ${host}: others reach it, and nothing says who people are`);
};

/**
 * Whether whoever reaches the front sits at this machine. Behind a TLS front everybody comes from this machine, so that
 * an address says nothing.
 */
export const isLocalOnly = (host: string, { PAPILIO_TLS_FRONT_SECRET_FILE: secret }: Settings): boolean =>
  isLoopback(host) && secret === undefined;

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const inUrl = (host: string): string => (isIPv4(host) ? host : `[${host}]`);

/** The address under which this machine itself asks a front that listens there. */
export const ownUrl = (host: string, port: number): string =>
  `http://${inUrl(anyAddress.has(host) ? defaultHost : host)}:${port}`;

/** The names under which a front may be asked besides those of every machine for itself. */
export const namesOf = (host: string, { PAPILIO_PUBLIC_URL: publicUrl }: Settings): readonly string[] => [
  ...(anyAddress.has(host) ? [] : [inUrl(host)]),
  ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]),
];

/** What whoever starts papilio should know of who can reach it. */
export const noticeOf = (host: string, folder: string, settings: Settings): string => {
  if (!isLocalOnly(host, settings) || knowsPeople(settings))
    return 'whoever asks must show who they are; see docs/operators/threat-model.md';
  return `only this machine reaches it, and anybody here may read; what changes something needs the token in ${folder}/admin.token`;
};
