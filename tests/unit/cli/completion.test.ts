import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { root } from '../../check/shell.ts';

const papilio = async (...words: string[]) => {
  let out = '';
  const code = await run(words, {
    out: {
      write: (text) => {
        out += text;
      },
    },
    err: { write: () => undefined },
    signal: new AbortController().signal,
  });
  return { out, code };
};

const completed = async (...words: string[]) =>
  (await papilio('complete', 'bash', '--', ...words)).out.split('\n').filter((word) => word !== '');

it('completes nouns, verbs, options and values', async () => {
  expect(await completed('st')).toEqual(['status', 'stf', 'state']);
  expect(await completed('stf', '')).toEqual(['list', 'show', 'get', 'trace']);
  expect(await completed('stf', 'list', '--pro')).toEqual(['--processing', '--profile']);
  expect(await completed('stf', 'list', '-o', '')).toEqual(['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name']);
  expect(await completed('dev', 'sim', '--dialect', 'r')).toEqual(['runner']);
  expect(await completed('nonsense', 'x')).toEqual([]);
});

it('offers the profiles that there are', async () => {
  using folder = aFolder();
  const profile = { url: 'https://papilio.example' };
  writeFileSync(join(folder.path, 'profiles.json'), JSON.stringify({ profiles: { jlab: profile, bnl: profile } }));
  const { out } = await papilio('--config', folder.path, 'complete', 'bash', '--', 'run', 'list', '--profile', '');
  expect(out).toBe('jlab\nbnl\n');
});

it('never offers what is not for people', async () => {
  expect(await completed('')).not.toContain('complete');
  expect(await completed('--')).not.toContain('--token');
});

it('says what each word does where the shell shows it', async () => {
  expect((await papilio('complete', 'zsh', '--', 'version')).out).toMatch(/^version:build and instance/);
  expect((await papilio('complete', 'fish', '--', 'version')).out).toMatch(/^version\tbuild and instance/);
});

it('works in a real bash, for a word that is begun', async () => {
  using folder = aFolder();
  const program = join(folder.path, 'papilio');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'clients/cli/main.ts')}" "$@"\n`);
  chmodSync(program, 0o755);
  const script = `eval "$(papilio completion bash)"; COMP_WORDS=(papilio quarantine re); COMP_CWORD=2; _papilio; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p papilio`;
  const out = await new Promise<string>((resolve, reject) => {
    const env = { ...plainEnvironment, PATH: `${folder.path}:/usr/bin:/bin` };
    execFile('bash', ['-c', script], { env }, (error, said) => (error ? reject(error) : resolve(said)));
  });
  expect(out).toBe('replay\ncomplete -o default -F _papilio papilio\n');
});

it('refuses a shell that it does not know', async () => {
  expect(await papilio('completion', 'tcsh')).toMatchObject({ code: 2, out: '' });
});
