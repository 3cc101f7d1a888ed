import type { IncomingMessage } from 'node:http';

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** A page of a browser asks, or somebody under a name that is not this machine's: nobody who means this host. */
export const isForeign = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || !loopbackHost.test(headers.host ?? '');
