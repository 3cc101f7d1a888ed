import type { IncomingMessage } from 'node:http';

/** Names of this machine for itself. A page of another site may make a browser send requests here, under its own name. */
const machineNames = ['127.0.0.1', 'localhost', '[::1]'];

/** Tells whether a header Host is a name of this machine, or one that the operator gave it, with any port. */
export const ownHosts = (more: readonly string[] = []): ((host: string | undefined) => boolean) => {
  const names = new Set([...machineNames, ...more.map((name) => name.toLowerCase())]);
  /** The last one that was right: nearly all come under the same. */
  let lastHost: string | undefined;
  return (host) => {
    if (host === undefined) return false;
    if (host !== lastHost && !names.has(host.replace(/:\d{1,5}$/, '').toLowerCase())) return false;
    lastHost = host;
    return true;
  };
};

/** Node keeps the first of many; another reader on the way may have kept the last. */
export const hasManyHosts = ({ rawHeaders }: IncomingMessage): boolean => {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
};

/** Whether a page in a browser asks. No program sends these headers, and no page can leave them out. */
export const isPage = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || (headers['sec-fetch-site'] ?? 'none') !== 'none';
