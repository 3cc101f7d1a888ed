import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { partHome } from '../../stack/parts/part-home.ts';

/** The program that each instance runs: it loads the handler and speaks the Runtime API. */
export type RuntimeClient = {
  /** Whose it is, such as `aws-lambda-ric 4.0.2`. */
  readonly title: string;
  readonly path: string;
};

/** The version of AWS's client that is installed where one is asked for. */
export const ricVersion = '4.0.2';
const packageName = 'aws-lambda-ric';

/** Where it is installed outside the repository. */
export const ricHome: string = partHome(packageName, ricVersion);

const clientIn = (folder: string): RuntimeClient | undefined => {
  // Its native half is compiled as it is installed; without it nothing of it runs.
  if (!existsSync(join(folder, 'rapid-client.node'))) return undefined;
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  return { title: `${packageName} ${version}`, path: join(folder, 'index.mjs') };
};

const besidePapilio = (): string => {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  } catch {
    return '';
  }
};

/** AWS's own client, if it is on this machine and whole. */
export const awsRuntimeClient = (): RuntimeClient | undefined =>
  clientIn(besidePapilio()) ?? clientIn(join(ricHome, 'node_modules', packageName));

/** Papilio's own client, which is always there. */
export const ownRuntimeClient: RuntimeClient = {
  title: 'papilio',
  path: fileURLToPath(new URL('./client.mjs', import.meta.url)),
};
