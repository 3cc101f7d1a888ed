import { harmless } from './words.ts';

/** A column of a table. */
export type Column<T> = {
  readonly head: string;
  readonly of: (item: T) => string;
  readonly isNumber?: boolean;
  /** Only shown with `-o wide`. */
  readonly isWide?: boolean;
  /** The last column: cut, with `…`, where a line would be wider than the terminal. */
  readonly isCut?: boolean;
};

/** Width of a table: that of the terminal, and none for programs and with `-o wide`. */
export type TableWidth = { readonly isWide?: boolean; readonly columns?: number | undefined };

/** Least width of a cut column: where less is left, it is as long as it is. */
const leastCut = 12;

/** Text of at most so many characters; one that is cut ends in `…`. */
export const cutTo = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1)).trimEnd()}…`;

/** Aligned columns under their heads; numbers to the right. */
export const table = <T>(
  all: readonly Column<T>[],
  items: readonly T[],
  { isWide = false, columns: available }: TableWidth = {},
): string[] => {
  const columns = all.filter((column) => isWide || !column.isWide);
  const rows = [columns.map(({ head }) => head), ...items.map((item) => columns.map(({ of }) => harmless(of(item))))];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const cell = (text: string, at: number): string => {
    const width = widths[at] ?? 0;
    return columns[at]?.isNumber ? text.padStart(width) : text.padEnd(width);
  };
  const fixed = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const left = isWide || available === undefined ? Number.POSITIVE_INFINITY : available - fixed;
  const isCut = columns.at(-1)?.isCut === true && left >= leastCut;
  return rows.map((row) =>
    row
      .map((text, at) => cell(isCut && at === columns.length - 1 ? cutTo(text, left) : text, at))
      .join('  ')
      .trimEnd(),
  );
};

/** Names and values, one a line, values aligned; what is undefined is left out. */
export const facts = (rows: readonly (readonly [string, string | undefined])[]): string[] => {
  const given = rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const width = Math.max(0, ...given.map(({ name }) => name.length));
  return given.map(({ name, value }) => `${name.padEnd(width)}  ${harmless(value)}`);
};
