import { parseArgs } from 'node:util';

/** The port at which a plane's engine answers other people's clients, and whom. */
export type AwsPort = {
  readonly port: number;
  /** Names besides 127.0.0.1 and localhost under which it is asked. */
  readonly hostNames?: readonly string[];
  /** File of the keys that sign requests; without it they need no signature. */
  readonly credentials?: string;
  /** Whether requests may change something; without it they only read. */
  readonly acts?: boolean;
};

/** A port as words of a plane's command line. */
export const wordsOf = ({ port, hostNames = [], credentials, acts = false }: AwsPort): readonly string[] => [
  '--aws-port',
  String(port),
  ...hostNames.flatMap((name) => ['--aws-host-name', name]),
  ...(credentials === undefined ? [] : ['--aws-credentials', credentials]),
  ...(acts ? ['--aws-acts'] : []),
];

const options = {
  'aws-port': { type: 'string' },
  'aws-host-name': { type: 'string', multiple: true },
  'aws-credentials': { type: 'string' },
  'aws-acts': { type: 'boolean', default: false },
} as const;

/** The port that a plane's command line asks for, among other words. */
export const readAwsPort = (words: readonly string[]): AwsPort | undefined => {
  const { values } = parseArgs({ args: [...words], options, strict: false });
  const port = Number(values['aws-port'] ?? Number.NaN);
  if (!Number.isInteger(port)) return undefined;
  const { 'aws-host-name': names = [] } = values;
  const { 'aws-credentials': credentials } = values;
  return {
    port,
    hostNames: Array.isArray(names) ? names.map(String) : [],
    ...(typeof credentials === 'string' && { credentials }),
    acts: values['aws-acts'] === true,
  };
};
