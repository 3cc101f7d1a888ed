import type { IncomingMessage } from 'node:http';
import { hasManyHosts, isPage, ownHosts } from '#lib/own-host';

const isOwn = ownHosts();

/** A page of a browser asks, or somebody under a name that is not this machine's: nobody who means this host. */
export const isForeign = (request: IncomingMessage): boolean =>
  isPage(request) || hasManyHosts(request) || !isOwn(request.headers.host);
