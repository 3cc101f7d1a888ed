import { type Json, parseJson } from '../../json.ts';

/** What gives JSON its form; strings are skipped, escapes with them. */
const FORM = /["[\]{},:]/g;
const STRING_END = /["\\]/g;

/** Cuts the elements out of one array of a JSON text that comes in pieces; holds one element at a time. */
class ArrayCutter {
  readonly #path: readonly string[];
  #text = '';
  #depth = 0;
  #matched = 0;
  #isOnPath = false;
  #isInString = false;
  #isEscaped = false;
  #isEmpty = true;
  #state: 'seeking' | 'inside' | 'done' = 'seeking';

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  get state(): string {
    return this.#state;
  }

  /** The texts of the elements that end in this piece. */
  push(piece: string): string[] {
    const found: string[] = [];
    let from = 0;
    for (let at = this.#next(piece, 0); at < piece.length; at = this.#next(piece, at + 1)) {
      const form = piece[at] ?? '';
      const isInside = this.#state === 'inside';
      if (isInside && !this.#ends(form)) continue;
      const text = this.#text + piece.slice(from, at);
      this.#text = '';
      from = at + 1;
      if (isInside) this.#take(found, text, form);
      else this.#seek(form, text);
      if (this.#state === 'done') return found;
    }
    this.#text += piece.slice(from);
    return found;
  }

  #take(found: string[], text: string, form: string): void {
    if (form === ']') this.#state = 'done';
    // Only an empty array has an end without an element before it.
    if (form === ']' && this.#isEmpty && text.trim() === '') return;
    this.#isEmpty = false;
    found.push(form === '}' ? text + form : text);
  }

  /** The next character of the text's form from `at`, or the end of the piece. */
  #next(piece: string, at: number): number {
    let from = at;
    for (;;) {
      if (this.#isInString) from = this.#afterString(piece, from);
      if (from >= piece.length) return piece.length;
      FORM.lastIndex = from;
      const match = FORM.exec(piece);
      if (match === null) return piece.length;
      if (match[0] !== '"') return match.index;
      this.#isInString = true;
      from = match.index + 1;
    }
  }

  #afterString(piece: string, at: number): number {
    let from = at;
    if (this.#isEscaped && from < piece.length) {
      this.#isEscaped = false;
      from += 1;
    }
    for (;;) {
      STRING_END.lastIndex = from;
      const match = STRING_END.exec(piece);
      if (match === null) return piece.length;
      if (match[0] === '"') {
        this.#isInString = false;
        return match.index + 1;
      }
      this.#isEscaped = match.index + 1 >= piece.length;
      from = match.index + 2;
    }
  }

  /** Inside the array: true at the end of an element, when the depth is that of the array, or less at its own end. */
  #ends(form: string): boolean {
    if (form === '{' || form === '[') this.#depth += 1;
    else if (form === '}' || form === ']') this.#depth -= 1;
    return this.#depth < 0 || (form === ',' && this.#depth === 0);
  }

  #seek(form: string, text: string): void {
    const isTarget =
      this.#path.length === 0 ? this.#depth === 0 : this.#isOnPath && this.#matched + 1 === this.#path.length;
    if (form === '[' && isTarget) {
      this.#state = 'inside';
      this.#depth = 0;
    } else if (form === '{' || form === '[') this.#open(form);
    else if (form === '}' || form === ']') this.#depth -= 1;
    else if (form === ':' && this.#depth === this.#matched + 1)
      this.#isOnPath = keyOf(text) === this.#path[this.#matched];
    else if (form === ',') this.#isOnPath = false;
  }

  #open(form: string): void {
    this.#depth += 1;
    if (form === '{' && this.#isOnPath) this.#matched += 1;
    this.#isOnPath = false;
  }
}

const keyOf = (text: string): Json | undefined => parseJson(text.trim());

const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

const elementOf = (text: string): Json => {
  const value = parseJson(text);
  if (value === undefined) throw new Error(`Not a JSON value: ${text.slice(0, 100)}`);
  return value;
};

/**
 * The elements of an array in a JSON file, which is the whole file or lies where a JSON pointer through objects says.
 * Reads as far as the array's end. @throws if there is no such array, or it is cut off
 */
export async function* jsonArray(pieces: AsyncIterable<string>, pointer = ''): AsyncGenerator<Json> {
  const cutter = new ArrayCutter(tokensOf(pointer));
  for await (const piece of pieces) {
    for (const text of cutter.push(piece)) yield elementOf(text);
    if (cutter.state === 'done') return;
  }
  throw new Error(
    cutter.state === 'inside' ? 'The JSON array is cut off' : 'Attempting to map over non-iterable node.',
  );
}
