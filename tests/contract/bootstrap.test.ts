import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineNodeFlags } from '../../local/engine/node-flags.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Stands for `local/main.ts`: says what it got, ends with 7 when told to stop, else with the code it was given. */
const program = `const [code, ...args]: string[] = process.argv.slice(2);
process.on('SIGTERM', () => process.exit(7));
process.stdout.write(JSON.stringify({ version: process.version, args }));
if (code === 'wait') setInterval(() => {}, 1000);
else process.exit(Number(code));
`;

/**
 * Stands for npm: notes how it was called and what it found, and installs Node alone. As npm does, it takes a package whose
 * folder exists for installed. With NPM_STOP it stops in the middle and waits.
 */
const npm = `import { appendFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
appendFileSync('found.log', readdirSync('node_modules').filter((name) => !name.startsWith('.')).join(' ') + '\\n');
process.stdout.write('said by npm');
if (process.env.NPM_STOP) {
  mkdirSync('node_modules/half/dist', { recursive: true });
  process.stdout.write('half');
  setInterval(() => {}, 1000);
} else {
  if (!existsSync('node_modules/node')) symlinkSync(${JSON.stringify(join(root, 'node_modules/node'))}, 'node_modules/node');
  writeFileSync('node_modules/.package-lock.json', '{}');
  process.exit(Number(process.env.NPM_CODE ?? 0));
}
`;

/** How the program is reached: becoming it, or as a child where the running Node cannot do that. */
const ways = [
  ['by becoming it', []],
  ['as its child', ['--import', 'data:text/javascript,process.execve=undefined']],
] as const;

let folder = '';

function start(flags: readonly string[], args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const compiled = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const options = {
    ...process.env,
    ...compiled,
    npm_execpath: join(folder, 'npm.js'),
    npm_node_execpath: process.execPath,
    ...env,
  };
  const command = [...flags, join(folder, 'local/bootstrap.mjs'), ...args];
  return spawn(process.execPath, command, {
    cwd: tmpdir(),
    env: options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text) => {
    said.stdout += text;
  });
  child.stderr?.on('data', (text) => {
    said.stderr += text;
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on('close', resolve);
  return { code: await promise, ...said };
}

const run = (...args: readonly string[]) => ended(start([], args));
const installs = async () =>
  (await readFile(join(folder, 'npm.log'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papilio-bootstrap-'));
  for (const path of ['package.json', 'package-lock.json', 'local/bootstrap.mjs'])
    await cp(join(root, path), join(folder, path));
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(root, 'node_modules/node'), join(folder, 'node_modules/node'));
  await writeFile(join(folder, 'node_modules/.package-lock.json'), '{}');
  await writeFile(join(folder, 'local/main.ts'), program);
  await writeFile(join(folder, 'npm.js'), npm);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('npm start on a machine where nothing is installed', () => {
  it('installs once, and again when the lock changed', async () => {
    await run('start', '0');
    await run('start', '0');
    expect(await installs()).toEqual([
      'install --no-save --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error',
      'rebuild --ignore-scripts=false --no-audit --no-fund --loglevel=error node lefthook',
    ]);
    await writeFile(join(folder, 'package-lock.json'), '{}');
    await run('start', '0');
    expect(await installs()).toHaveLength(4);
  });

  it('installs once when two are started together, and takes over from one that died', async () => {
    await writeFile(join(folder, 'node_modules/.papilio-installing'), '999999999');
    const both = await Promise.all([run('start', '0'), run('start', '0')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await installs()).toHaveLength(2);
    expect(await readdir(join(folder, 'node_modules'))).toEqual(['.package-lock.json', '.papilio-installed', 'node']);
  });

  it('keeps stdout for the program, whatever npm says', async () => {
    const { stdout, stderr } = await run('start', '0', '--json');
    expect(JSON.parse(stdout)).toEqual({ version: process.version, args: ['--json'] });
    expect(stderr).toContain('said by npm');
  });

  it('removes what an interrupted installation left, says so, and installs again', async () => {
    await rm(join(folder, 'node_modules'), { recursive: true });
    const interrupted = start([], ['start', '0'], { NPM_STOP: '1' });
    let said = '';
    interrupted.stderr?.on('data', (text) => {
      said += text;
      if (said.includes('half')) process.kill(-(interrupted.pid ?? 0), 'SIGKILL');
    });
    await ended(interrupted);
    expect(await readdir(join(folder, 'node_modules'))).toContain('half');
    const { code, stderr } = await run('start', '0');
    expect(stderr).toContain(
      'papilio: an earlier installation was interrupted; node_modules is removed and installed again',
    );
    expect(code).toBe(0);
    expect((await readFile(join(folder, 'found.log'), 'utf8')).split('\n')).toEqual([
      ...['', ''], // the second installation finds nothing; what runs listed scripts after it finds what it installed
      ...['node', ''],
    ]);
    // The lock of the killed process stays, as its name does in no other.
    const left = (await readdir(join(folder, 'node_modules'))).filter((name) => !/installing-\d+$/.test(name));
    expect(left).toEqual(['.package-lock.json', '.papilio-installed', 'node']);
    expect((await run('start', '0')).stderr).toBe('');
  });

  it('repairs a clone that an earlier version left half installed, and one whose Node is missing', async () => {
    await rm(join(folder, 'node_modules/.package-lock.json'));
    await rm(join(folder, 'node_modules/node'));
    await mkdir(join(folder, 'node_modules/node/bin'), { recursive: true });
    expect((await run('start', '0')).code).toBe(0);
    await rm(join(folder, 'node_modules/node'));
    await mkdir(join(folder, 'node_modules/node'));
    const { code, stderr } = await run('start', '0');
    expect(stderr).toMatch(/is needed in node_modules, found none; node_modules is removed and installed again/);
    expect(code).toBe(0);
  });

  it('keeps what another tool installed whole', async () => {
    await mkdir(join(folder, 'node_modules/kept'));
    expect((await run('start', '0')).code).toBe(0);
    expect(await readdir(join(folder, 'node_modules'))).toContain('kept');
  });

  it('begins from the beginning after npm failed', async () => {
    await mkdir(join(folder, 'node_modules/half'));
    await ended(start([], ['start', '0'], { NPM_CODE: '3' }));
    expect((await run('start', '0')).code).toBe(0);
    expect(await readdir(join(folder, 'node_modules'))).not.toContain('half');
  });

  it('says so in a sentence when npm fails', async () => {
    const { code, stderr } = await ended(start([], ['start', '0'], { NPM_CODE: '3' }));
    expect(code).toBe(1);
    expect(stderr).toContain('papilio: npm install failed');
  });
});

describe.each(ways)('the program is reached %s', (_, flags) => {
  it('and gets its arguments, and its exit code comes back', async () => {
    const { code, stdout } = await ended(start(flags, ['start', '5', 'a b', '--speed=max']));
    expect(code).toBe(5);
    expect(JSON.parse(stdout).args).toEqual(['a b', '--speed=max']);
  });

  it('with the options of Node that an engine has in a plane', async () => {
    await writeFile(join(folder, 'local/engine.ts'), 'process.stdout.write(JSON.stringify(process.execArgv))');
    const { stdout } = await ended(start(flags, ['engine']));
    expect(JSON.parse(stdout)).toEqual(engineNodeFlags);
  });

  it('and is told to stop when papilio is', async () => {
    const child = start(flags, ['start', 'wait']);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect((await ended(child)).code).toBe(7);
  });
});

it('an unknown program is refused with a list of those there are', async () => {
  const { code, stderr } = await run('stop');
  expect(code).toBe(1);
  expect(stderr).toMatch(/no such program: 'stop'\. There are: .*start, test/);
});
