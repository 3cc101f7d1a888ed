import { harmless } from './words.ts';

/** A column of a table. */
export type Column<T> = {
  readonly head: string;
  readonly of: (item: T) => string;
  readonly isNumber?: boolean;
  /** Only shown with `-o wide`. */
  readonly isWide?: boolean;
};

/** Aligned columns under their heads; numbers to the right. */
export const table = <T>(all: readonly Column<T>[], items: readonly T[], isWide = false): string[] => {
  const columns = all.filter((column) => isWide || !column.isWide);
  const rows = [columns.map(({ head }) => head), ...items.map((item) => columns.map(({ of }) => harmless(of(item))))];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number): string => {
    const width = widths[at] ?? 0;
    return columns[at]?.isNumber ? text.padStart(width) : text.padEnd(width);
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
};

/** Names and values, one a line, values aligned; what is undefined is left out. */
export const facts = (rows: readonly (readonly [string, string | undefined])[]): string[] => {
  const given = rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const width = Math.max(0, ...given.map(({ name }) => name.length));
  return given.map(({ name, value }) => `${name.padEnd(width)}  ${harmless(value)}`);
};
