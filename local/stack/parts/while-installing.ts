import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const lookEveryMs = 200;

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

const holderOf = (path: string): number | undefined => {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // removed in this moment
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

const link = (mine: string, path: string): boolean => {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Waits for the lock and returns the files that make it up. That of a dead process is never removed by who finds it, for it
 * might just have been replaced; it is followed by one named after the dead one.
 */
const take = (mine: string, lock: string): readonly string[] => {
  const chain = [lock];
  for (;;) {
    const last = chain.at(-1) ?? lock;
    if (link(mine, last)) return chain;
    const holder = holderOf(last);
    if (holder === undefined) chain.splice(1);
    else if (isAlive(holder)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookEveryMs);
    else chain.push(`${last}.${holder}`);
  }
};

/** Installs into a folder while nobody else does; whoever comes second waits and finds it done. */
export const whileInstalling = (home: string, install: () => void): void => {
  const lock = `${home}.lock`;
  const mine = `${lock}-${process.pid}`;
  mkdirSync(dirname(home), { recursive: true });
  writeFileSync(mine, String(process.pid));
  const held = take(mine, lock);
  try {
    install();
  } finally {
    for (const path of [...held, mine]) rmSync(path, { force: true });
  }
};
