import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineNodeFlags } from '../engine/node-flags.ts';
import type { Deed } from './data-folder.ts';

/** The processes of a house, in the order in which they are stopped. */
export const processNames = ['bridge', 'front', 'work', 'archive'] as const;
export type ProcessName = (typeof processNames)[number];

const project = fileURLToPath(new URL('../../', import.meta.url));

/** The file that each process runs. */
export const programPaths: Readonly<Record<ProcessName, string>> = {
  archive: resolve(project, 'local/plane/main.ts'),
  work: resolve(project, 'local/plane/main.ts'),
  front: resolve(project, 'local/front.ts'),
  bridge: resolve(project, 'local/bridge.ts'),
};

type Environment = Readonly<Record<string, string | undefined>>;

/** What a process of the house needs of the system's own environment. */
const inherited: readonly string[] = [
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'USER', 'NODE_EXTRA_CA_CERTS'],
  ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER_ARG'],
];
/** Paths that a user gives relative to where papilio was started, and one that lies in the project. */
const paths: Readonly<Record<string, string>> = {
  PAPILIO_CONNECTIONS: '.',
  PAPILIO_TLS_FRONT_SECRET_FILE: '.',
  PAPILIO_X509_CA_FOLDER: '.',
  PAPILIO_EVENTS: '.',
  PAPILIO_STACK: '.',
  PAPILIO_ROLES_FILE: '.',
  PAPILIO_ANCHOR: '.',
  PAPILIO_PAYLOAD_TALLY: '.',
  PAPILIO_PAYLOAD_FOLDER: project,
};

const absolute = (name: string, value: string): string => {
  const base = Object.hasOwn(paths, name) ? paths[name] : undefined;
  return base === undefined || isAbsolute(value) || URL.canParse(value) ? value : resolve(base, value);
};

/** The whole environment of a child: papilio's own variables, a few of the system's, and whose house it is. */
export const environmentOf = (environment: Environment, deed: Deed): Readonly<Record<string, string>> => {
  const defaults: Environment = { PAPILIO_PAYLOAD_FOLDER: 'local/sim/payload' };
  const own = Object.entries({ ...defaults, ...environment }).flatMap(([name, value]) => {
    if (value === undefined || !(name.startsWith('PAPILIO_') || inherited.includes(name))) return [];
    return [[name, absolute(name, value)]];
  });
  return {
    ...Object.fromEntries(own),
    PAPILIO_INSTANCE: deed.instance,
    PAPILIO_WING: deed.wing,
    PAPILIO_EPOCH: String(deed.epoch),
  };
};

/**
 * How a process uses memory. The front keeps little and makes much garbage, answer by answer: a small young generation and
 * one arena of glibc's give it back. Resident after 2,500 answers: 247 MB without, 186 and 215 MB with.
 */
export const memoryOf = (name: ProcessName) =>
  name === 'front'
    ? {
        nodeFlags: ['--max-semi-space-size=4', '--max-old-space-size=512'],
        environment: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
      }
    : { nodeFlags: [...engineNodeFlags], environment: {} };
