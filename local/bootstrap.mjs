// Runs one of papilio's programs under the pinned Node, after installing what is missing.
// Plain JavaScript for any Node >= 20: it is the first thing that runs on a machine where nothing is installed.
// The npm scripts call it by `exec`, so that no shell stands between npm and papilio and swallows a signal.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.papilio-installed');
const lock = join(modules, '.papilio-installing');
/** Written before an installation and removed after it: what it stands beside is not whole. */
const unfinished = join(modules, '.papilio-unfinished');
/** npm writes it at the end of an installation. */
const npmState = join(modules, '.package-lock.json');
const node = join(root, 'node_modules', 'node', 'bin', 'node');
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/vitest.config.ts'];

/** What each npm script runs, relative to the project's folder; options of Node stand first. */
const programs = {
  advisories: ['tests/check/renew-advisories.ts'],
  bench: ['tests/load/bench.ts'],
  'build:cli': ['tests/check/cli-bundle.ts'],
  check: ['tests/check/check.ts'],
  docs: ['tests/check/pages.ts', '--write'],
  engine: ['--max-semi-space-size=16', 'local/engine.ts'],
  host: ['local/host.ts'],
  'new:function': ['local/new-function.ts'],
  papilio: ['clients/cli/main.ts'],
  stack: ['local/stack.ts'],
  start: ['local/main.ts'],
  test: [...vitest, '--project', 'unit', '--project', 'contract', '--project', 'e2e'],
  'test:more': [...vitest, '--project', 'more'],
  'test:long': [...vitest, '--project', 'long'],
  'test:parts': ['tests/parts/run.ts'],
};

/** Ends with a plain sentence: whoever reads this may know nothing of Node. */
function giveUp(message) {
  process.stderr.write(`papilio: ${message}\n`);
  process.exit(1);
}

/** What the installed packages depend on; another lock, platform or ABI means installing again. */
function wanted() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json']) {
    const text = readFileSync(join(root, file), 'utf8');
    hash.update(file === 'package.json' ? dependenciesOf(text) : text);
  }
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

/** Scripts and descriptions may change without a new installation. */
function dependenciesOf(text) {
  const { dependencies, devDependencies, overrides, allowScripts } = JSON.parse(text);
  return JSON.stringify([dependencies, devDependencies, overrides, allowScripts]);
}

/** The packages whose own scripts may run when they are installed; no other's do. */
function packagesWithScripts() {
  const { allowScripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(allowScripts).filter((name) => allowScripts[name] === true);
}

function isInstalled() {
  if (existsSync(unfinished) || !existsSync(stamp) || !existsSync(node)) return false;
  return readFileSync(stamp, 'utf8') === wanted();
}

/** One installation at a time: two would take each other's files away. */
function whileLocked(work) {
  const mine = `${lock}-${process.pid}`;
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(mine, String(process.pid));
  const held = takeLock(mine);
  const release = () => {
    for (const path of [...held, mine]) rmSync(path, { force: true });
  };
  process.on('exit', release); // giving up; a process that becomes another one never gets there
  if (!isInstalled()) work();
  release();
}

/**
 * Waits for the lock and returns the files that make it up. A lock appears whole, by a link. That of a dead process is
 * never removed by who finds it, for it might just have been replaced; it is followed by one named after the dead one.
 */
function takeLock(mine) {
  const chain = [lock];
  for (;;) {
    const last = chain.at(-1);
    try {
      linkSync(mine, last);
      return chain;
    } catch (error) {
      if (error.code !== 'EEXIST') giveUp(`${last} cannot be made: ${error.message}`);
    }
    const holder = readLock(last);
    if (holder === undefined) chain.splice(1);
    else if (isAlive(holder)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    else chain.push(`${last}.${holder}`);
  }
}

function readLock(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // removed in this moment
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether an installation was interrupted here: npm takes a package whose folder exists for installed, whatever is in it. */
function isBroken() {
  if (existsSync(unfinished)) return true;
  const isNew = !existsSync(stamp) && !existsSync(npmState);
  return isNew && readdirSync(modules).some((name) => !name.startsWith('.'));
}

/** Removes everything that npm installed; what bootstrap wrote stays, so that a kill in between leaves it broken. */
function removeModules() {
  const own = (name) => name.startsWith('.papilio-installing') || name === '.papilio-unfinished';
  for (const name of readdirSync(modules)) {
    if (!own(name)) rmSync(join(modules, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Installs; where an installation was interrupted, from the beginning. */
function install() {
  const isAgain = isBroken();
  writeFileSync(unfinished, '');
  if (isAgain) {
    process.stderr.write(
      'papilio: an earlier installation was interrupted; node_modules is removed and installed again\n',
    );
    removeModules();
  }
  installPackages();
  if (nodeProblem() !== undefined && !isAgain) {
    process.stderr.write(`papilio: ${nodeProblem()}; node_modules is removed and installed again\n`);
    removeModules();
    installPackages();
  }
  const problem = nodeProblem();
  if (problem !== undefined) giveUp(`${problem}. Try: rm -rf node_modules, then the same command again`);
  // In this order: a kill in between means one more installation, over packages that are whole.
  rmSync(unfinished, { force: true });
  writeFileSync(stamp, wanted());
}

/**
 * `npm install`, not `npm ci`: the lock may have been written on another platform, whose optional packages it names. It
 * leaves the lock as it is, which npm would otherwise rewrite on each platform. No package runs a script of its own but
 * those that `allowScripts` lists: npm itself, which has a list of that name too, only warns about the others.
 */
function installPackages() {
  process.stderr.write('papilio: installing packages, about a minute the first time …\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  runNpm(['install', '--no-save', '--include=dev', '--ignore-scripts', ...quiet]);
  const names = packagesWithScripts();
  if (names.length > 0) runNpm(['rebuild', '--ignore-scripts=false', ...quiet, ...names]);
}

function runNpm(words) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js')
    ? [process.env.npm_node_execpath ?? process.execPath, [npm]]
    : ['npm', []];
  // What npm prints goes to stderr: stdout belongs to the program, which may print JSON there.
  const result = spawnSync(command, [...first, ...words], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.error) giveUp(`npm cannot be started (${result.error.message}). Is npm on the PATH?`);
  if (result.status !== 0)
    giveUp(
      `npm ${words[0]} failed; its own message is above. Is the package registry reachable? The same command installs again from the beginning.`,
    );
}

/** Why the installed Node is not the pinned one. */
function nodeProblem() {
  const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node;
  const found = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'none';
  return found === `v${pinned}` ? undefined : `Node ${pinned} is needed in node_modules, found ${found}`;
}

/** Becomes the program where the system can do that, else runs it as a child and passes signals and the exit code on. */
function become(args) {
  if (process.execve !== undefined) {
    process.removeAllListeners('warning'); // execve is marked experimental; whoever starts papilio need not know
    process.execve(node, [node, ...args], process.env);
  }
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    // A terminal sends Ctrl-C to the whole process group; a second copy would read as "do not wait for a clean stop".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => giveUp(`${node} cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const [name = '', ...rest] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) giveUp(`no such program: '${name}'. There are: ${Object.keys(programs).join(', ')}`);
if (!isInstalled()) whileLocked(install);
const fileAt = program.findIndex((word) => !word.startsWith('--'));
// Node keeps what it has compiled: papilio's programs start in half the time.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compiled');
process.env.PATH = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
become([...program.with(fileAt, join(root, program[fileAt])), ...rest]);
