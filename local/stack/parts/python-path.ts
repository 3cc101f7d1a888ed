import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../python/', import.meta.url));

/** What tells an emulator with papilio's gate in front who may call: another user cannot read a process's environment. */
export const gateOf = (secret: string | undefined): Readonly<Record<string, string>> =>
  secret === undefined ? {} : { PAPILIO_STACK_SECRET: secret };

/**
 * What papilio puts on the path of an emulator's Python: a Lambda that hands on what is invoked to function hosts, as the
 * files in `functionHosts` say, loopback for what would bind every interface, and a gate for who signs with `secret`.
 */
export const pythonOf = (functionHosts?: string, secret?: string): Readonly<Record<string, string>> => ({
  PYTHONPATH: folder,
  PYTHONDONTWRITEBYTECODE: '1',
  ...(functionHosts !== undefined && { PAPILIO_FUNCTION_HOSTS: functionHosts }),
  ...gateOf(secret),
});
