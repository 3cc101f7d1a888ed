import { rmSync } from 'node:fs';
import { must, run, type Say } from '../../stack/parts/python-part.ts';
import { whileInstalling } from '../../stack/parts/while-installing.ts';
import { awsRuntimeClient, ricHome, ricVersion } from './runtime-client.ts';

/** What compiles its native half: curl, AWS's client in C++, and the bridge between that and Node. */
const compilers = ['cmake', 'make', 'g++', 'python3'];

const build = (say: Say): void => {
  say(`aws-lambda-ric ${ricVersion}: npm installs it and compiles its native half, about two minutes`);
  rmSync(ricHome, { recursive: true, force: true });
  const words = ['install', '--prefix', ricHome, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  // Its script compiles it; under `npm test` the environment says that of papilio's .npmrc, which runs none.
  must(run('npm', [...words, '--ignore-scripts=false', `aws-lambda-ric@${ricVersion}`]));
};

/** AWS's runtime client for Node (Apache-2.0), the one that runs on Lambda itself. */
export const ricPart = {
  name: 'aws-lambda-ric',
  version: ricVersion,
  isInstalled: (): boolean => awsRuntimeClient() !== undefined,
  /** Why it cannot be had on this machine; undefined if it can. */
  whyNot: (): string | undefined => {
    if (awsRuntimeClient() !== undefined) return undefined;
    const missing = compilers.filter((program) => run(program, ['--version']) !== undefined);
    return missing.length === 0 ? undefined : `it is compiled with ${missing.join(', ')}, which is not here`;
  },
  /** Installs it into the cache if it is nowhere. @throws what npm says */
  install: (say: Say = () => undefined): void => {
    if (awsRuntimeClient() === undefined) whileInstalling(ricHome, () => void (awsRuntimeClient() ?? build(say)));
  },
};
