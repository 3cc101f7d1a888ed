import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../local/stack/parts/free-port.ts';

/** RabbitMQ with its STOMP plugin, on loopback, in a folder of its own. */
export type RabbitMq = {
  readonly url: string;
  readonly tlsUrl: string;
  /** The authority that signed its certificate, and one that did not. */
  readonly caFile: string;
  readonly otherCaFile: string;
  /** Ends it as a power cut would, and starts it again with what it had on disk. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Makes it fall silent without closing a line, and lets it go on. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly stop: () => Promise<void>;
  /** Messages of a queue: ready, and delivered without acknowledgement. */
  readonly depth: (queue: string) => { ready: number; unacknowledged: number };
};

/** Maps names to ports; it outlives the node that started it. */
const portMapper = 'epmd';
const server = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const startWithinMs = 120_000;

const run = (command: string, args: readonly string[], env: Record<string, string> = {}): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
};

const aptGet = '/usr/bin/apt-get';
const isRoot = process.getuid?.() === 0;
const maySudo = (): boolean => spawnSync('sudo', ['-n', 'true']).status === 0;

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoRabbitMq = (): string | undefined => {
  if (existsSync(server)) return undefined;
  if (!existsSync(aptGet)) return `it is not at ${server}, and this system has no apt-get to install it`;
  return isRoot || maySudo() ? undefined : 'it is not installed, and `apt-get install rabbitmq-server` needs root';
};

/** Installs it with the system's packages, if it is not there. */
export const installRabbitMq = (): void => {
  if (existsSync(server)) return;
  const apt = (...args: readonly string[]) => {
    const words = ['env', 'DEBIAN_FRONTEND=noninteractive', aptGet, '-y', '-q', ...args];
    run(isRoot ? 'env' : 'sudo', isRoot ? words.slice(1) : ['-n', ...words]);
  };
  apt('update');
  apt('install', '--no-install-recommends', 'rabbitmq-server');
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

/** An authority, and what it signed for localhost. */
const certificates = (folder: string) => {
  const at = (name: string) => join(folder, name);
  const authority = (name: string) =>
    run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
    ]);
  authority('authority');
  authority('other');
  run('openssl', [
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'],
    ...['-keyout', at('server.key'), '-out', at('server.csr')],
  ]);
  writeFileSync(at('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  run('openssl', [
    ...['x509', '-req', '-days', '2', '-in', at('server.csr'), '-extfile', at('san')],
    ...['-CA', at('authority.pem'), '-CAkey', at('authority.key'), '-CAcreateserial', '-out', at('server.pem')],
  ]);
  return {
    caFile: at('authority.pem'),
    otherCaFile: at('other.pem'),
    certFile: at('server.pem'),
    keyFile: at('server.key'),
  };
};

const configuration = (
  ports: Record<'amqp' | 'stomp' | 'tls', number>,
  files: ReturnType<typeof certificates>,
): string =>
  [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    `stomp.listeners.tcp.1 = 127.0.0.1:${ports.stomp}`,
    `stomp.listeners.ssl.1 = 127.0.0.1:${ports.tls}`,
    `ssl_options.cacertfile = ${files.caFile}`,
    `ssl_options.certfile = ${files.certFile}`,
    `ssl_options.keyfile = ${files.keyFile}`,
    'ssl_options.verify = verify_none',
    '',
  ].join('\n');

/** Starts it on free ports; returns when STOMP answers. */
export const startRabbitMq = async (): Promise<RabbitMq> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-rabbitmq-'));
  mkdirSync(join(folder, 'log'));
  const files = certificates(folder);
  const [amqp, stomp, tls, dist, epmd] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  writeFileSync(join(folder, 'plugins'), '[rabbitmq_stomp].');
  writeFileSync(join(folder, 'rabbitmq.conf'), configuration({ amqp, stomp, tls }, files));
  const env = {
    HOME: folder,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_NODENAME: `papilio${process.pid}@localhost`,
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(epmd),
  };
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const out = openSync(join(folder, 'out'), 'a');
    child = spawn(server, [], { env: { ...process.env, ...env }, stdio: ['ignore', out, out], detached: true });
    const untilMs = performance.now() + startWithinMs;
    while (!((await answers(stomp)) && (await answers(tls)))) {
      if (child.exitCode !== null || performance.now() > untilMs)
        throw new Error(`RabbitMQ did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
      await sleep(200);
    }
  };
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid !== undefined) process.kill(-child.pid, name);
  };
  const kill = async (): Promise<void> => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      signal('SIGKILL');
      await ended;
    }
    while (await answers(stomp)) await sleep(50);
  };
  await start();
  return {
    url: `stomp://127.0.0.1:${stomp}`,
    tlsUrl: `stomp+ssl://localhost:${tls}`,
    caFile: files.caFile,
    otherCaFile: files.otherCaFile,
    kill,
    start,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stop: async () => {
      await kill();
      spawnSync(portMapper, ['-port', String(epmd), '-kill'], { env: { ...process.env, ...env } });
      rmSync(folder, { recursive: true, force: true });
    },
    depth: (queue) => {
      const list = ['-n', env.RABBITMQ_NODENAME, 'list_queues', '-q', '--no-table-headers', 'name'];
      const lines = run(
        '/usr/lib/rabbitmq/bin/rabbitmqctl',
        [...list, 'messages_ready', 'messages_unacknowledged'],
        env,
      );
      const found = lines
        .split('\n')
        .map((line) => line.split('\t'))
        .find(([name]) => name === queue);
      return { ready: Number(found?.[1] ?? 0), unacknowledged: Number(found?.[2] ?? 0) };
    },
  };
};
