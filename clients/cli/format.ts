/** How data are printed. */
export const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name'] as const;
export type Format = (typeof formats)[number];

/** Writes data for programs; what is for people is drawn by the commands. */
export type Writer = {
  readonly one: (item: object) => string;
  /** All at once, or one piece after the other for as long as they come. */
  readonly list: (items: readonly object[]) => readonly string[];
  readonly next: (item: object) => string;
};

/** JSON in which what a terminal could obey is written as JSON escapes it: it reads the same. */
const escaped = (text: string): string =>
  text.replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const json = (item: object): string => escaped(JSON.stringify(item));
const pretty = (item: object): string => escaped(JSON.stringify(item, null, 2));

/** `{stf: {state: 'run'}}` as `{'stf.state': 'run'}`; lists stay whole, as JSON. */
export const flat = (item: object, prefix = ''): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, value]: [string, unknown]) => {
      if (Array.isArray(value)) return [[prefix + name, JSON.stringify(value)]];
      return typeof value === 'object' && value !== null
        ? Object.entries(flat(value, `${prefix}${name}.`))
        : [[prefix + name, value]];
    }),
  );

/** CSV by RFC 4180; a cell that a spreadsheet would compute is set behind an apostrophe. */
const csvWriter = async (fields: readonly string[] | undefined): Promise<Writer> => {
  const { stringify } = await import('csv-stringify/sync');
  let columns = fields;
  const rows = (items: readonly Record<string, unknown>[], header: boolean): string =>
    stringify([...items], {
      columns: [...(columns ?? [])],
      header,
      escape_formulas: true,
      record_delimiter: 'windows',
      // A lone carriage return ends a row for some readers.
      quoted_match: /\r/,
      cast: { boolean: String },
    }).replace(/\r\n$/, '\r');
  const list = (items: readonly object[]): readonly string[] => {
    const flats = items.map((item) => flat(item));
    columns ??= [...new Set(flats.flatMap(Object.keys))];
    return columns.length === 0 ? [] : [rows(flats, true)];
  };
  let isFirst = true;
  const next = (item: object): string => {
    const cells = flat(item);
    columns ??= Object.keys(cells);
    const line = rows([cells], isFirst);
    isFirst = false;
    return line;
  };
  return { one: (item) => list([item]).join(''), list, next };
};

const yamlWriter = async (): Promise<Writer> => {
  const { stringify } = await import('yaml');
  const text = (value: unknown): string => stringify(value).trimEnd();
  return { one: text, list: (items) => [text(items)], next: (item) => `---\n${text(item)}` };
};

const writers = {
  json: async () => ({ one: pretty, list: (items) => [pretty(items)], next: json }),
  jsonl: async () => ({ one: json, list: (items) => items.map(json), next: json }),
  yaml: yamlWriter,
  csv: csvWriter,
} satisfies Partial<Record<Format, (fields?: readonly string[]) => Promise<Writer>>>;

/** What writes a format; undefined for those that people read. */
export const writerOf = async (format: Format, fields: readonly string[] | undefined): Promise<Writer | undefined> => {
  if (format === 'table' || format === 'wide' || format === 'name') return undefined;
  return writers[format](fields);
};
