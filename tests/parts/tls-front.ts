import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Apache httpd with mod_gridsite, from the system's packages, as docs/operators/tls-front.md names them. */
const httpd = '/usr/sbin/apache2';
const modules = '/usr/lib/apache2/modules';
const packages = ['apache2', 'gridsite'] as const;
const startWithinMs = 30_000;
/** What certificates are made with. */
const maker = 'openssl';

const aptGet = '/usr/bin/apt-get';
const isRoot = process.getuid?.() === 0;
const maySudo = (): boolean => spawnSync('sudo', ['-n', 'true']).status === 0;
const isInstalled = (): boolean => existsSync(httpd) && existsSync(join(modules, 'mod_gridsite.so'));

/** Runs a command and gives what it prints. @throws with what it says if it fails */
export const run = (command: string, args: readonly string[], cwd?: string): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
};

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoTlsFront = (): string | undefined => {
  if (spawnSync(maker, ['version']).status !== 0) return 'there is no openssl to make certificates with';
  if (isInstalled()) return undefined;
  if (!existsSync(aptGet)) return `there is no ${httpd} with mod_gridsite, and no apt-get to install it`;
  return isRoot || maySudo() ? undefined : `apt-get install ${packages.join(' ')} needs root`;
};

/** Installs it with the system's packages, if it is not there. */
export const installTlsFront = (): void => {
  if (isInstalled()) return;
  const apt = (...args: readonly string[]) => {
    const words = ['env', 'DEBIAN_FRONTEND=noninteractive', aptGet, '-y', '-q', ...args];
    run(isRoot ? 'env' : 'sudo', isRoot ? words.slice(1) : ['-n', ...words]);
  };
  apt('update');
  apt('install', '--no-install-recommends', ...packages);
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** What Debian's own configuration has around a site: modules, and where files lie. */
const surroundings = (folder: string, port: number): string => {
  const needed = ['mpm_event', 'authz_core', 'headers', 'ssl', 'proxy', 'proxy_http', 'gridsite'];
  return [
    `ServerRoot "${folder}"`,
    `PidFile "${folder}/httpd.pid"`,
    `ErrorLog "${folder}/error.log"`,
    'LogLevel warn ssl:info',
    'ServerName localhost',
    `Listen 127.0.0.1:${port}`,
    ...needed.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    // As the page has it changed in Debian's ssl.conf; a site cannot overrule that.
    'SSLSessionCache none',
    `Include "${fileURLToPath(new URL('../../docs/operators/tls-front.conf', import.meta.url))}"`,
    '',
  ].join('\n');
};

/** How it is started. */
export type TlsFrontOptions = {
  readonly folder: string;
  readonly port: number;
  readonly papilioPort: number;
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  readonly secret: string;
};

/** Starts it with the configuration that the documentation shows; returns when it answers. */
export const startTlsFront = async (options: TlsFrontOptions): Promise<{ readonly stop: () => Promise<void> }> => {
  const folder = join(options.folder, 'httpd');
  mkdirSync(folder);
  const path = join(folder, 'httpd.conf');
  writeFileSync(path, surroundings(folder, options.port));
  const out = openSync(join(folder, 'out'), 'a');
  const env = {
    PATH: process.env.PATH,
    PAPILIO_TLS_ADDRESS: '127.0.0.1',
    PAPILIO_TLS_PORT: String(options.port),
    PAPILIO_TLS_NAME: 'papilio.example.org',
    PAPILIO_TLS_CERTIFICATE: options.certificate,
    PAPILIO_TLS_KEY: options.key,
    PAPILIO_X509_CA_FOLDER: options.authorities,
    PAPILIO_TLS_FRONT_SECRET: options.secret,
    PAPILIO_PORT: String(options.papilioPort),
  };
  const child: ChildProcess = spawn(httpd, ['-f', path, '-DFOREGROUND'], { env, stdio: ['ignore', out, out] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const untilMs = performance.now() + startWithinMs;
  while (!(await answers(options.port))) {
    if (child.exitCode !== null || performance.now() > untilMs)
      throw new Error(`the TLS front did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
    await sleep(100);
  }
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
