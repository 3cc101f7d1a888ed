import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An engine that builds and runs images as root, with its images in a folder of its own. */
export type Podman = {
  /** Runs a command of it and gives what it prints. @throws with what it says if it fails */
  readonly run: (...args: readonly string[]) => string;
  /** Starts one whose output is read while it runs. */
  readonly start: (...args: readonly string[]) => ChildProcess;
};

const podman = '/usr/bin/podman';
/** crun does not run where there are no cgroups of version 2. */
const runtime = '/usr/sbin/runc';
const packages = ['podman', 'runc'] as const;
const aptGet = '/usr/bin/apt-get';
const isRoot = process.getuid?.() === 0;
const isInstalled = (): boolean => existsSync(podman) && existsSync(runtime);

const must = (command: string, args: readonly string[], input?: Buffer): Buffer => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.toString()}`);
  return stdout;
};

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoPodman = (): string | undefined => {
  if (!isRoot) return 'an engine that runs containers needs root here';
  if (isInstalled()) return undefined;
  return existsSync(aptGet) ? undefined : `there is no ${podman} with ${runtime}, and no apt-get to install them`;
};

/** Installs it with the system's packages, if it is not there. */
export const installPodman = (): void => {
  if (isInstalled()) return;
  const apt = ['DEBIAN_FRONTEND=noninteractive', aptGet, '-y', '-q'];
  must('env', [...apt, 'update']);
  must('env', [...apt, 'install', '--no-install-recommends', ...packages]);
};

/** Opens an engine with its images in a folder, which goes with its test. */
export const openPodman = (folder: string): Podman => {
  const places = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const own = [...places, '--cgroup-manager', 'cgroupfs', '--runtime', runtime];
  return {
    run: (...args) => must(podman, [...own, ...args]).toString(),
    start: (...args) => spawn(podman, [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
  };
};

/** The files that a program loads, by `ldd`. */
const librariesOf = (program: string): string[] =>
  must('ldd', [program])
    .toString()
    .split('\n')
    .flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);

/** Makes a base image of this machine's own Node and the libraries that it loads: there is no registry to ask here. */
export const importNodeImage = (engine: Podman, folder: string, name: string): void => {
  const root = join(folder, 'base');
  const put = (from: string, to = from): void => {
    mkdirSync(join(root, dirname(to)), { recursive: true });
    copyFileSync(from, join(root, to));
  };
  put(process.execPath, '/usr/local/bin/node');
  for (const library of librariesOf(process.execPath)) put(library);
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/sbin/nologin\n');
  const tar = join(folder, 'base.tar');
  must('tar', ['-C', root, '-cf', tar, '.']);
  engine.run('import', '--change', 'ENV PATH=/usr/local/bin', tar, name);
};
