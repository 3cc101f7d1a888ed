import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readKeys } from '../../../../../local/engine/signing/keys.ts';
import { aFolder } from '../../../../builders/an-engine.ts';

const secret = 'a-secret-of-thirty-characters!';
const fileOf = async (text: string, mode = 0o600): Promise<string> => {
  const path = join(await aFolder(), 'keys');
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return path;
};
const profile = (name: string, id: string) => `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key=${secret}\n`;

test('keys are read from a file as the AWS CLI has it', async () => {
  const path = await fileOf(
    `# ours\n${profile('default', 'PAPILIO1')}region = eu-west-1\n\n${profile('other', 'PAPILIO2')}`,
  );
  expect(await readKeys(path)).toEqual(
    new Map([
      ['PAPILIO1', secret],
      ['PAPILIO2', secret],
    ]),
  );
});

test.each([0o640, 0o604, 0o620, 0o666])('a file of mode %o is open to others and refused', async (mode) => {
  await expect(readKeys(await fileOf(profile('default', 'PAPILIO1'), mode))).rejects.toThrow(
    /open to other users; chmod 600/,
  );
});

test('a link to a file is refused, and so is what is no file', async () => {
  const path = await fileOf(profile('default', 'PAPILIO1'));
  await symlink(path, `${path}-link`);
  await expect(readKeys(`${path}-link`)).rejects.toThrow(/is a link/);
  await expect(readKeys(await aFolder())).rejects.toThrow(/is no file/);
});

test.each([
  ['no key at all', '', /has no key/],
  [
    'a key without its secret',
    '[default]\naws_access_key_id = PAPILIO1\n',
    /\[default\]: aws_secret_access_key is missing/,
  ],
  [
    'a secret that can be guessed',
    '[x]\naws_access_key_id = any\naws_secret_access_key = any-hidden\n',
    /at least 20 char/,
  ],
])('%s is refused, and no secret is shown', async (_, text, problem) => {
  const message = await readKeys(await fileOf(text)).then(String, (error: Error) => error.message);
  expect(message).toMatch(problem);
  expect(message).not.toContain('any-hidden');
});
