import type { IncomingMessage } from 'node:http';
import { hasManyHosts, isPage, ownHosts } from '#lib/own-host';
import { AwsError } from './part.ts';

/** Lets a request in, or not. @throws AwsError */
export type Door = (request: IncomingMessage) => void;

/** Names besides 127.0.0.1 and localhost under which programs may ask, and the option of the command that adds one. */
export type HostNames = { readonly hostNames?: readonly string[]; readonly hostOption?: string };

const denied = (message: string): AwsError => new AwsError('AccessDeniedException', message, 403);

/** What clients put before the host of operations that answer when an execution has ended. */
const syncPrefix = /^sync-/i;

/**
 * The door of a TCP port: a page in a browser reaches it too, under the name of its own site if that leads to this machine
 * (DNS rebinding). Programs name the machine, or a name that the operator gave it.
 */
export const portDoor = ({ hostNames = [], hostOption = '--host-name' }: HostNames): Door => {
  const isOwn = ownHosts(hostNames);
  return (request) => {
    const { host } = request.headers;
    if (isPage(request)) throw denied('This engine answers programs, and no page of a browser.');
    // A URI in full names a host of its own, beside the one that is looked at here.
    if (!request.url?.startsWith('/')) throw denied('The target of a request is a path.');
    if (hasManyHosts(request)) throw denied('A request has one header Host.');
    if (isOwn(host?.replace(syncPrefix, ''))) return;
    throw denied(
      `This engine answers as 127.0.0.1 and localhost, not as ${JSON.stringify((host ?? '').slice(0, 100))}. ` +
        `If that is a name of this machine, start the engine with it: ${hostOption}.`,
    );
  };
};
