import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import { UsageError } from './failure.ts';

type Place = { readonly config?: string | undefined; readonly configHome?: string | undefined };

/** The folder of what `papilio login` keeps: as told, else where the XDG base directories are. */
export const configFolder = ({ config, configHome }: Place): string =>
  config ?? join(configHome || join(homedir(), '.config'), 'papilio');

/** What a file of the folder holds; undefined if it is not there. @throws UsageError for what is broken */
export const readConfigFile = <S extends z.ZodType>(path: string, schema: S): z.output<S> | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new UsageError(
      `${path} cannot be read: ${error}`,
      'mend its permissions, or name another folder with --config',
    );
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${path} is not what papilio wrote`, 'remove it and log in again');
  }
};

/** Writes a file that only its user reads; it is there whole or as it was before. */
export const writeConfigFile = (folder: string, name: string, value: unknown): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const mine = `${path}.${crypto.randomUUID()}`;
  writeFileSync(mine, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(mine, 0o600);
  renameSync(mine, path);
};

/** Removes a file of the folder; it may be gone already. */
export const removeConfigFile = (folder: string, name: string): void => rmSync(join(folder, name), { force: true });
