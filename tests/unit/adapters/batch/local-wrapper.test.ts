import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseIdentity } from '../../../../functions/adapters/batch/local-process.ts';
import { installWrapper, startWrapper } from '../../../../functions/adapters/batch/local-wrapper.ts';
import { aFolder } from '../../../builders/a-folder.ts';

const shells = ['/bin/sh', '/bin/dash', '/bin/bash'].filter((path) => existsSync(path));

/** A shell under the name `sh`, by which bash knows that it has to behave. */
const asSh = (folder: string, shell: string) => {
  const path = join(folder, 'sh');
  symlinkSync(shell, path);
  return path;
};

const wrap = async (shell: string, folder: string, command: readonly string[], generation = 1) => {
  const environment = { PATH: '/nowhere', papilio_status: 'mine' };
  const child = startWrapper({
    shell: asSh(folder, shell),
    wrapper: await installWrapper(folder),
    folder,
    generation,
    diskMb: 1,
    command,
    environment,
  });
  const [code, signal] = await once(child, 'exit');
  const text = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined;
  return { pid: child.pid, code, signal, text, exit: text('exit.json') };
};

const script = (line: string) => ['/bin/sh', '-c', line];

describe.each(shells)('the wrapper under %s', (shell) => {
  test.each([
    [script('exit 0'), { status: 0, signalled: false }],
    [script('exit 137'), { status: 137, signalled: false }],
    [script('exit 143'), { status: 143, signalled: false }],
    [script('kill -KILL $$'), { status: 137, signalled: true }],
    [script('kill -TERM $$'), { status: 143, signalled: true }],
    [script('kill -ABRT $$'), { status: 134, signalled: true }],
    [script('kill -PIPE $$'), { status: 141, signalled: false }],
    [['nosuch'], { status: 127, signalled: false }],
    [['/'], { status: 126, signalled: false }],
    [['exit', '0'], { status: 127, signalled: false }],
    [['papilio_x=1'], { status: 127, signalled: false }],
  ])('records the end of %j, also where the payload has no PATH', async (command, expected) => {
    using folder = aFolder();
    const { exit } = await wrap(shell, folder.path, command);
    expect(JSON.parse(exit ?? '')).toEqual(expected);
  });

  test('claims its generation and says who it is before the payload runs', async () => {
    using folder = aFolder();
    const { pid, text } = await wrap(shell, folder.path, script('/bin/cat pid-7 started-7'), 7);
    expect(text('started-7')).toBe('');
    expect(text('log')).toBe(text('pid-7'));
    expect(parseIdentity(text('pid-7') ?? '')).toMatchObject({ pid, start: expect.stringMatching(/^\d+$/) });
  });

  test.each(['started-1', 'pid-1'])('ends without a trace if %s is taken', async (name) => {
    using folder = aFolder();
    writeFileSync(join(folder.path, name), 'void');
    const { code, text, exit } = await wrap(shell, folder.path, script('echo ran'));
    expect([code, exit, text('log'), text(name)]).toEqual([0, undefined, undefined, 'void']);
  });

  test('ends whatever the payload leaves running', async () => {
    using folder = aFolder();
    const { signal, exit } = await wrap(shell, folder.path, script('/bin/sleep 600 & exit 4'));
    expect(signal).toBe('SIGKILL');
    expect(JSON.parse(exit ?? '')).toMatchObject({ status: 4 });
  });

  test('lets no file grow over the limit', async () => {
    using folder = aFolder();
    const { exit, text } = await wrap(shell, folder.path, ['/usr/bin/head', '-c', '2000000', '/dev/zero']);
    expect(JSON.parse(exit ?? '')).toEqual({ status: 153, signalled: true });
    expect(text('log')?.length).toBeGreaterThan(900_000);
    expect(text('log')?.length).toBeLessThanOrEqual(1_000_448);
  });

  test('keeps the two streams in the log and its own words out of it', async () => {
    using folder = aFolder();
    const { text } = await wrap(shell, folder.path, script('echo out; echo err >&2; kill -KILL $$'));
    expect(text('log')).toBe('out\nerr\n');
    expect(text('note')).toContain('Killed');
  });
});
