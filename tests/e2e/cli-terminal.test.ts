import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { root } from '../check/shell.ts';

/** At a real terminal, which `script` makes; nothing listens where the command would ask. */
const atTerminal = (words: string, keys: string): Promise<{ shown: string; code: number | null }> =>
  new Promise((resolve, reject) => {
    const line = `stty cols 120 rows 40; exec '${process.execPath}' '${join(root, 'clients/cli/main.ts')}' --url http://127.0.0.1:1 ${words}`;
    const terminal = spawn('script', ['-qec', line, '/dev/null'], {
      env: { ...plainEnvironment, TERM: 'xterm', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      const before = shown;
      shown += text;
      if (shown.includes('No') && !before.includes('No')) terminal.stdin.write(keys);
    });
    terminal.on('error', reject);
    terminal.on('close', (code) => resolve({ shown, code }));
  });

const discard = `quarantine discard quarantine_0123456789abcdef0123456789abcdef --why 'a test'`;

test('at a terminal, what cannot be undone is asked, and not done unless it is meant', async () => {
  const no = await atTerminal(discard, 'n');
  expect(no.code, no.shown).toBe(2);
  expect(no.shown).toMatch(/Discard quarantine_0123456789abcdef0123456789abcdef, for ever\?/);
  expect(no.shown).toMatch(/error\[usage\]: nothing was done/);
});

test('it is done when it is meant, and with --yes without a question', async () => {
  const yes = await atTerminal(discard, 'y');
  expect(yes.shown).toMatch(/error\[unreachable\]/);
  const told = await atTerminal(`${discard} --yes`, '');
  expect(told.shown).toMatch(/error\[unreachable\]/);
  expect(told.shown).not.toMatch(/for ever/);
  expect(told.code).toBe(6);
});

test('Ctrl-C at a question ends with 130 and does nothing', async () => {
  const { code, shown } = await atTerminal(discard, '\u0003');
  expect(code, shown).toBe(130);
  expect(shown).not.toMatch(/unreachable/);
});
