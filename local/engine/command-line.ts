import { InvalidArgumentError } from 'commander';

/** Resolves when somebody tells the process to end. */
export const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });

/** @throws InvalidArgumentError for what is no port */
export const readPort = (value: string): number => {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) throw new InvalidArgumentError('A port is a number up to 65535.');
  return port;
};

/** @throws InvalidArgumentError for what is no number of an account */
export const readAccount = (value: string): string => {
  if (!/^\d{12}$/.test(value)) throw new InvalidArgumentError('An account number has 12 digits.');
  return value;
};

const hostName = /^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)$/i;

/** Adds one more name to those given before. @throws InvalidArgumentError for what is no name of a host */
export const collectHostName = (value: string, before: readonly string[] = []): readonly string[] => {
  if (!hostName.test(value)) throw new InvalidArgumentError('A host name has no port and no wildcard.');
  return [...before, value];
};
