import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What papilio is measured against. Installed into the user's cache, never a dependency of the project. */
const peers = {
  'aws-local': { 'aws-local-stepfunctions': '3.0.0' },
  'hash-wasm': { 'hash-wasm': '4.13.0' },
  restate: { '@restatedev/restate-server': '1.7.12', '@restatedev/restate-sdk': '1.17.2' },
} as const satisfies Record<string, Record<string, string>>;

/** Name of a peer. */
export type PeerName = keyof typeof peers;

const cacheFolder = (): string => {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'papilio', 'bench');
};

/** Installs a peer unless this very version is there, and gives its folder. An install that was cut short is repeated. */
export const installPeer = async (name: PeerName, say: (line: string) => void): Promise<string> => {
  const dependencies = peers[name];
  const folder = join(cacheFolder(), `${name}-${Object.values(dependencies).join('-')}`);
  const stamp = join(folder, 'installed');
  if (existsSync(stamp)) return folder;
  say(
    `installs ${Object.entries(dependencies)
      .map((pair) => pair.join('@'))
      .join(', ')} into ${folder}`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', words, { cwd: folder, stdio: ['ignore', 2, 2] });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new Error(`npm install in ${folder} ended with ${code}; run the benchmark again to go on`);
  say('installed');
  await writeFile(`${stamp}.part`, '');
  await rename(`${stamp}.part`, stamp);
  return folder;
};

/** Loads a package of a peer's folder. */
export const loadFrom = (folder: string, packageName: string): unknown =>
  createRequire(join(folder, 'package.json'))(packageName);

/** The path of a file in a package of a peer's folder. */
export const pathFrom = (folder: string, file: string): string =>
  createRequire(join(folder, 'package.json')).resolve(file);
