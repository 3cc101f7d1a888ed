import { isObject, type Json, parseJson } from '../../json.ts';
import { checkItemSize, isTooLong } from './item-size.ts';

/** What gives JSON its form; strings are skipped, escapes with them. */
const FORM = /["[\]{},:]/g;
const STRING_END = /["\\]/g;

/** An element of an array, or a field of an object. */
export type Element = { readonly value: Json; readonly key?: string | undefined };

/** Cuts the elements out of one array or object of a JSON text that comes in pieces; holds one element at a time. */
class ElementCutter {
  readonly #path: readonly string[];
  #text = '';
  #depth = 0;
  #matched = 0;
  #isOnPath = false;
  #isInString = false;
  #isEscaped = false;
  #isEmpty = true;
  /** What closes it. */
  #end = ']';
  #state: 'seeking' | 'inside' | 'done' = 'seeking';

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  get state(): string {
    return this.#state;
  }

  /** True if the elements are the fields of an object. */
  get hasKeys(): boolean {
    return this.#end === '}';
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
    if (this.#state === 'inside') checkItemSize(this.#text.length);
    // What is looked for is short; a long text is none of it, whatever follows.
    else if (isTooLong(this.#text.length)) this.#text = '…';
    return found;
  }

  #take(found: string[], text: string, form: string): void {
    if (form === this.#end) this.#state = 'done';
    // Only where there is no element at all is nothing before the end.
    if (form === this.#end && this.#isEmpty && text.trim() === '') return;
    this.#isEmpty = false;
    found.push(form === ',' || form === this.#end ? text : text + form);
  }

  /** The next character of the text's form from `at`, or the end of the piece. */
  #next(piece: string, at: number): number {
    let from = at;
    // Ends: each round goes on behind a quote, as long as the piece has one.
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
    // Ends: each round goes on behind a quote or backslash, as long as the piece has one.
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

  #isTarget(): boolean {
    if (this.#path.length === 0) return this.#depth === 0;
    return this.#isOnPath && this.#matched + 1 === this.#path.length;
  }

  #seek(form: string, text: string): void {
    if (form === '[' || form === '{') this.#open(form);
    else if (form === ']' || form === '}') this.#depth -= 1;
    else if (form === ',') this.#isOnPath = false;
    else if (this.#depth === this.#matched + 1) this.#isOnPath = keyOf(text) === this.#path[this.#matched];
  }

  #open(form: string): void {
    if (this.#isTarget()) {
      this.#state = 'inside';
      this.#depth = 0;
      this.#end = form === '[' ? ']' : '}';
      return;
    }
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

const parsed = (text: string): Json => {
  const value = parseJson(text);
  if (value === undefined) throw new Error(`Not a JSON value: ${text.slice(0, 100)}`);
  return value;
};

/** A field of an object, `"key": value`. */
const fieldOf = (text: string): Element => {
  const object = parsed(`{${text}}`);
  const [field] = isObject(object) ? Object.entries(object) : [];
  if (!field) throw new Error('Not a field of a JSON object');
  return { key: field[0], value: field[1] };
};

/**
 * The elements of an array, or the fields of an object, in a JSON file: the whole file's, or those where a JSON pointer
 * through objects leads. Reads as far as their end. @throws if there are none, or they are cut off
 */
export async function* jsonElements(pieces: AsyncIterable<string>, pointer = ''): AsyncGenerator<Element> {
  const cutter = new ElementCutter(tokensOf(pointer));
  for await (const piece of pieces) {
    for (const text of cutter.push(piece)) yield cutter.hasKeys ? fieldOf(text) : { value: parsed(text) };
    if (cutter.state === 'done') return;
  }
  throw new Error(
    cutter.state === 'inside' ? 'The JSON array is cut off' : 'Attempting to map over non-iterable node.',
  );
}
