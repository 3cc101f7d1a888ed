import { generateKeyPairSync } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import { keepFile } from '#lib/keep-file';
import { publicKeyOf } from '#lib/model/anchor-head';
import { nodeDisk } from '#lib/node-disk';
import { AnchorState } from '#schema/anchor';
import { hasCode } from '../engine/disk.ts';

const keyPath = (planeFolder: string): string => join(planeFolder, 'anchor-key.pem');
const statePath = (planeFolder: string): string => join(planeFolder, 'anchor.json');

const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
};

/** The key in PEM that signs a plane's heads; made at the first call. */
export const needKey = async (planeFolder: string): Promise<string> => {
  const path = keyPath(planeFolder);
  const known = await textOf(path);
  if (known !== undefined) return known;
  const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const draft = `${path}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, pem, { flag: 'wx', mode: 0o600, flush: true });
  await rename(draft, path);
  await nodeDisk.syncFolder(planeFolder);
  return pem;
};

/** The public key of a plane, in base64; undefined if it has signed nothing yet. */
export const publicKeyIn = async (planeFolder: string): Promise<string | undefined> => {
  const pem = await textOf(keyPath(planeFolder));
  return pem === undefined ? undefined : publicKeyOf(pem);
};

/** The last head of a plane; undefined if there is none. @throws store-corrupt for a file that does not name one */
export const readState = async (planeFolder: string): Promise<AnchorState | undefined> => {
  const path = statePath(planeFolder);
  const text = await textOf(path);
  if (text === undefined) return undefined;
  try {
    return AnchorState.parse(JSON.parse(text));
  } catch (thrown) {
    throw new PapilioError('store-corrupt', `${path} does not name the last anchored head`, thrown);
  }
};

/** Keeps a plane's last head. */
export const keepState = (planeFolder: string, state: AnchorState): Promise<void> =>
  keepFile(nodeDisk, statePath(planeFolder), JSON.stringify(state));
