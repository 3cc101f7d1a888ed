import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { anchorStart, headLine, signHead } from '#lib/model/anchor-head';
import { openFileAnchor } from '../../../functions/adapters/anchor/file.ts';
import { aFolder } from '../../builders/a-folder.ts';

const key = createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
const head = signHead(
  {
    ...{ format: 1, instance: 'test', wing: 'bnl', plane: 'work', epoch: 1, seq: 1, hash: 'a'.repeat(64) },
    ...{ auditLines: 0, at: '2026-01-01T00:00:00.000Z', previous: anchorStart },
  },
  key,
);
const linesOf = async (path: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of openFileAnchor(path).heads()) lines.push(line);
  return lines;
};

it('a file that is there is only appended to, and its rights stay', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'heads');
  writeFileSync(path, 'of another\n', { mode: 0o622 });
  const { ino, mode } = statSync(path);
  await openFileAnchor(path).add(head);
  expect(readFileSync(path, 'utf8')).toBe(`of another\n\n${headLine(head)}\n`);
  expect(statSync(path)).toMatchObject({ ino, mode });
  expect(await linesOf(path)).toEqual(['of another', headLine(head)]);
});

it('a pipe without a reader is refused at once, and with one receives the head', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'pipe');
  execFileSync('mkfifo', [path]);
  await expect(openFileAnchor(path).add(head)).rejects.toThrow(/ENXIO/);
  await using reader = await open(path, 'r+');
  await openFileAnchor(path).add(head);
  const { buffer, bytesRead } = await reader.read();
  expect(buffer.toString('utf8', 0, bytesRead).trim()).toBe(headLine(head));
  await expect(linesOf(path)).rejects.toThrow(/it is not a file/);
});

it('a line without an end takes no memory', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'heads');
  writeFileSync(path, `${'x'.repeat(3_000_000)}\n${headLine(head)}\n`);
  const lines = await linesOf(path);
  expect(lines.map(({ length }) => length)).toEqual([4096, headLine(head).length]);
});
