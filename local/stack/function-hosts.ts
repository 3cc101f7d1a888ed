import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeWhole } from './write-whole.ts';

/**
 * Where the functions of each account are invoked: a plane says so when it begins to serve, in `functions/<account>.json`
 * of the stack's folder; what stands for Lambda in the stack reads it at each Invoke, so a plane may come back elsewhere.
 */
const FunctionHost = z.object({
  /** The Lambda Invoke API of the plane's function host: paths of AWS begin behind it. */
  url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }),
  /** What whoever calls it has to say. */
  secret: z.string().optional(),
});

/** The folder that the stack's Lambda reads. */
export const hostsFolder = (stackFolder: string): string => join(stackFolder, 'functions');

const hostPath = (stackFolder: string, account: string): string => join(hostsFolder(stackFolder), `${account}.json`);

/** Says where the functions of an account are; returns how to take it back. */
export const registerFunctionHost = async (
  stackFolder: string,
  account: string,
  url: string,
  secret?: string,
): Promise<() => Promise<void>> => {
  const path = hostPath(stackFolder, account);
  await mkdir(hostsFolder(stackFolder), { recursive: true, mode: 0o700 });
  await writeWhole(path, `${JSON.stringify(FunctionHost.parse({ url, secret }))}\n`);
  return async () => {
    // Another plane of this account may have begun in the meantime: its word stays.
    if ((await readFunctionHost(stackFolder, account)) === url) await rm(path, { force: true });
  };
};

/** Where the functions of an account are; undefined while nobody serves them. */
export const readFunctionHost = async (stackFolder: string, account: string): Promise<string | undefined> => {
  try {
    return FunctionHost.parse(JSON.parse(await readFile(hostPath(stackFolder, account), 'utf8'))).url;
  } catch {
    return undefined;
  }
};
