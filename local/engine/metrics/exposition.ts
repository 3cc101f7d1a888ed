/** Names and values of labels. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a family; `suffix` is for the parts of a histogram. */
export type Sample = { readonly value: number; readonly labels?: Labels; readonly suffix?: string };

/** Values of one name in Prometheus's text format. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const labelsOf = (labels: Labels = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const numberOf = (value: number): string => (value === Number.POSITIVE_INFINITY ? '+Inf' : String(value));

const familyLines = ({ name, help, type, samples }: Family): string[] => [
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(({ value, labels, suffix = '' }) => `${name}${suffix}${labelsOf(labels)} ${numberOf(value)}`),
];

/** Content type of the text. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** Families as Prometheus reads them. */
export const exposition = (families: readonly Family[]): string => `${families.flatMap(familyLines).join('\n')}\n`;
