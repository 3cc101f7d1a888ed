import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { jsonOf } from '#lib/model/json';

/**
 * The message brokers that a bridge listens to: data of the site, as a JSON file. Secrets are named, never written in it.
 */
const Reference = z
  .string()
  .regex(/^(env:PAPILIO_[A-Z0-9_]+|file:.+)$/, 'file:PATH or env:PAPILIO_NAME, never the secret itself');

const Subscription = z.strictObject({
  destination: z.string().min(1).max(300),
  /** An SQL-like condition on headers, evaluated by the broker: `msg_type = 'stf_gen' AND namespace = 'prod'`. */
  selector: z.string().min(1).max(1000).optional(),
  /** What the broker wants besides, such as the name of a durable subscription. */
  headers: z.record(z.string(), z.string()).default({}),
});
export type Subscription = z.infer<typeof Subscription>;

export const Broker = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and dashes'),
  /** `stomp://host:61613`, or `stomp+ssl://host:61612` for TLS. */
  url: z
    .url({ protocol: /^stomp(\+ssl)?$/, hostname: /./ })
    .regex(/^[^@]*$/, 'who we are belongs in login and passcode, not in a URL'),
  login: z.string().optional(),
  passcode: Reference.optional(),
  /** The virtual host; the host of the URL unless given. */
  vhost: z.string().optional(),
  clientId: z.string().optional(),
  /** Both ways; 0 turns heart-beats off. */
  heartbeatMs: z.union([z.literal(0), z.int().min(1000).max(600_000)]).default(30_000),
  /** Messages that may be in hand and not acknowledged. */
  prefetch: z.int().min(1).max(10_000).default(100),
  tls: z
    .strictObject({
      caFile: z.string().optional(),
      serverName: z.string().optional(),
      certFile: z.string().optional(),
      keyFile: z.string().optional(),
    })
    .default({}),
  subscriptions: z.array(Subscription).min(1).max(100),
});
export type Broker = z.infer<typeof Broker>;

export const Brokers = z
  .strictObject({ brokers: z.array(Broker).min(1).max(20) })
  .refine(
    ({ brokers }) => new Set(brokers.map(({ name }) => name)).size === brokers.length,
    'two brokers have one name',
  );

/** What is wrong, on one line: `brokers.0.url: Invalid URL`. */
const inWords = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');

/** What a reference names. Throws with the name, never with the secret. */
export const secretOf = (reference: string, environment: Readonly<Record<string, string | undefined>>): string => {
  const [, kind, name = ''] = /^(env|file):(.+)$/.exec(reference) ?? [];
  const secret = kind === 'env' ? environment[name] : readFileSync(name, 'utf8').trimEnd();
  if (secret === undefined || secret === '')
    throw new Error(`${reference} ${kind === 'env' ? 'is not set' : 'is empty'}`);
  return secret;
};

/** Reads a file of brokers. Throws an error that names the file and the field. */
export const readBrokers = (path: string): readonly Broker[] => {
  const value = jsonOf(readFileSync(path, 'utf8'));
  if (value === undefined) throw new Error(`${path}: it is no JSON`);
  const parsed = Brokers.safeParse(value);
  if (parsed.success) return parsed.data.brokers.map((broker) => besides(dirname(path), broker));
  throw new Error(`${path}: ${inWords(parsed.error)}`);
};

/** Files that a broker names lie where the file of brokers lies. */
const besides = (folder: string, broker: Broker): Broker => {
  const { caFile, certFile, keyFile, serverName } = broker.tls;
  const files = Object.entries({ caFile, certFile, keyFile }).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, resolve(folder, path)]],
  );
  const { passcode } = broker;
  const secret = passcode?.startsWith('file:') ? `file:${resolve(folder, passcode.slice('file:'.length))}` : passcode;
  return {
    ...broker,
    ...(secret === undefined ? {} : { passcode: secret }),
    tls: { ...(serverName === undefined ? {} : { serverName }), ...Object.fromEntries(files) },
  };
};

/** A broker as a command line names it: its URL, with `?vhost=/` if it has one, and what to listen to. */
export const brokerOf = (url: string, destinations: readonly string[]): Broker => {
  const { username, password, protocol, host, searchParams } = new URL(url);
  if (password !== '') throw new Error('a secret does not belong in a URL: use a file of brokers with a passcode');
  const vhost = searchParams.get('vhost');
  const parsed = Broker.safeParse({
    name: 'broker',
    url: `${protocol}//${host}`,
    ...(username === '' ? {} : { login: decodeURIComponent(username) }),
    ...(vhost === null ? {} : { vhost }),
    subscriptions: destinations.map((destination) => ({ destination })),
  });
  if (parsed.success) return parsed.data;
  throw new Error(inWords(parsed.error));
};
