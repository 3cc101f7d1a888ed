import { type Json, put } from '../../json.ts';
import { checkItemSize } from './item-size.ts';

/**
 * Cuts a delimited text into rows of fields. Quoted fields may hold delimiters, line ends and doubled quotes; a backslash
 * takes the meaning from a delimiter, a quote or another backslash, and is left out before anything else.
 */
class RowCutter {
  readonly #special: RegExp;
  readonly #delimiter: string;
  #row: string[] = [];
  #field = '';
  #isQuoted = false;
  /** A quote inside a quoted field: its end, or the first of two. */
  #isAtQuote = false;
  #isEscaped = false;
  /** Length of the row so far. */
  #chars = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#special = new RegExp(`["\\n\\\\\\${delimiter}]`, 'g');
  }

  push(piece: string): string[][] {
    const rows: string[][] = [];
    let from = 0;
    this.#special.lastIndex = 0;
    for (let match = this.#special.exec(piece); match; match = this.#special.exec(piece)) {
      this.#plain(piece.slice(from, match.index));
      from = match.index + 1;
      const row = this.#take(match[0]);
      if (row) rows.push(row);
    }
    this.#plain(piece.slice(from));
    return rows;
  }

  #take(char: string): string[] | undefined {
    if (this.#isEscaped && char !== '\n') this.#plain(char);
    else if (char === '\\') this.#isEscaped = true;
    else if (char === '"') this.#quote();
    else if (this.#isQuoted && !this.#isAtQuote) this.#plain(char);
    else if (char === this.#delimiter) this.#endField();
    else return this.#endRow();
    return undefined;
  }

  /** The last row, if no line end closed it. */
  end(): string[][] {
    return this.#field === '' && this.#row.length === 0 ? [] : [this.#endRow()];
  }

  #plain(text: string): void {
    if (text === '') return;
    this.#field += text;
    this.#isEscaped = false;
    this.#chars += text.length;
    checkItemSize(this.#chars);
  }

  #quote(): void {
    if (this.#isAtQuote) {
      this.#field += '"';
      this.#isAtQuote = false;
    } else if (this.#isQuoted) this.#isAtQuote = true;
    else if (this.#field === '') this.#isQuoted = true;
    else this.#field += '"';
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#chars += 1;
    checkItemSize(this.#chars);
    this.#field = '';
    this.#isQuoted = false;
    this.#isAtQuote = false;
    this.#isEscaped = false;
  }

  #endRow(): string[] {
    if (this.#field.endsWith('\r') && (!this.#isQuoted || this.#isAtQuote)) this.#field = this.#field.slice(0, -1);
    this.#endField();
    const row = this.#row;
    this.#row = [];
    this.#chars = 0;
    return row;
  }
}

const isEmpty = (row: readonly string[]): boolean => row.length === 1 && row[0] === '';

/** A row under its headers: what is missing is empty, what is too much is left out. */
const underHeaders = (headers: readonly string[], row: readonly string[]): Json => {
  const item: Record<string, Json> = {};
  for (const [at, header] of headers.entries()) put(item, header, row[at] ?? '');
  return item;
};

async function* rowsOf(pieces: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[]> {
  const cutter = new RowCutter(delimiter);
  for await (const piece of pieces) yield* cutter.push(piece);
  yield* cutter.end();
}

/** The rows of a delimited text as objects of strings; headers that are not given are its first row. Empty lines are skipped. */
export async function* csvRows(
  pieces: AsyncIterable<string>,
  delimiter: string,
  given?: readonly string[],
): AsyncGenerator<Json> {
  let headers = given;
  for await (const row of rowsOf(pieces, delimiter)) {
    if (isEmpty(row)) continue;
    if (headers) yield underHeaders(headers, row);
    else headers = row;
  }
}
