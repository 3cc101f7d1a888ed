import type { Row } from './benchmark.ts';

/** Rows as text in columns; numbers to the right. */
export const table = (rows: readonly Row[]): string => {
  const names = Object.keys(rows[0] ?? {});
  const widthOf = (name: string) => Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length));
  const cell = (value: string | number, width: number) =>
    typeof value === 'number' ? String(value).padStart(width) : value.padEnd(width);
  const line = (row: Row) => names.map((name) => cell(row[name] ?? '', widthOf(name))).join('  ');
  const isNumber = (name: string) => typeof rows[0]?.[name] === 'number';
  const head = names.map((name) => (isNumber(name) ? name.padStart(widthOf(name)) : name.padEnd(widthOf(name))));
  return [head.join('  '), ...rows.map(line)].map((text) => text.trimEnd()).join('\n');
};
