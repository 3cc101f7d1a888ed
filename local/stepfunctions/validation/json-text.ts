import { MAX_DEPTH } from '../json.ts';

/** What is wrong with a JSON text, told as AWS's parser tells it. */
export type JsonProblem = { readonly message: string; readonly source: string; readonly isTooDeep: boolean };

const SHOWN_CHARS = 500;
const ESCAPES = new Set('"\\/bfnrtu');
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{ID_Continue}$]*/uy;
const SPACE = /[ \t\r\n]*/y;
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

class Problem extends Error {
  readonly at: number;
  readonly isTooDeep: boolean;

  constructor(message: string, at: number, isTooDeep = false) {
    super(message);
    this.at = at;
    this.isTooDeep = isTooDeep;
  }
}

/** An object that is open has the keys it has had; an array has none. */
type Open = { readonly keys: Set<string> | undefined; readonly at: number };

/** Walks through a JSON text without recursion, so that no depth of it can exhaust the stack. Cost: its length. */
class Scanner {
  readonly text: string;
  readonly open: Open[] = [];
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): void {
    this.#value();
    while (this.open.length > 0) this.#member();
    this.#match(SPACE);
    if (this.at < this.text.length) this.#unexpected(VALUES);
  }

  /** After a value inside something open: its end, or a comma and the next. */
  #member(): void {
    this.#match(SPACE);
    const keys = this.open.at(-1)?.keys;
    const kind = keys ? 'Object' : 'Array';
    const char = this.text[this.at];
    if (char === (keys ? '}' : ']')) {
      this.at++;
      this.open.pop();
    } else if (char === ',') {
      this.at++;
      if (keys) this.#key(keys);
      this.#value();
    } else this.#unexpected(`comma to separate ${kind} entries`);
  }

  #value(): void {
    this.#match(SPACE);
    const char = this.text[this.at];
    if (char === '{' || char === '[') this.#start(char === '{');
    else if (char === '"') this.#string('a string value');
    else if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) this.#number();
    else this.#token();
  }

  #start(isObject: boolean): void {
    const keys = isObject ? new Set<string>() : undefined;
    this.open.push({ keys, at: this.at++ });
    if (this.open.length > MAX_DEPTH) {
      throw new Problem(`Document nesting depth (${MAX_DEPTH + 1}) exceeds the maximum allowed`, this.at, true);
    }
    this.#match(SPACE);
    if (this.text[this.at] === (isObject ? '}' : ']')) {
      this.at++;
      this.open.pop();
    } else {
      if (keys) this.#key(keys);
      this.#value();
    }
  }

  #key(keys: Set<string>): void {
    this.#match(SPACE);
    if (this.text[this.at] !== '"') this.#unexpected('double-quote to start field name');
    const start = this.at;
    this.#string('field name');
    const written = this.text.slice(start, this.at);
    const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
    if (keys.has(key)) throw new Problem(`Duplicate field '${key}'`, this.at);
    keys.add(key);
    this.#match(SPACE);
    if (this.text[this.at] !== ':') this.#unexpected('a colon to separate field name and value');
    this.at++;
  }

  #string(what: string): void {
    this.at++;
    // Ends: each round takes a character, and the end of the text throws.
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code))
        throw new Problem(`Unexpected end-of-input: was expecting closing quote for ${what}`, this.at);
      this.at++;
      if (code === 34) return;
      if (code === 92) this.#escape();
      else if (code < 32) {
        const rule = 'has to be escaped using backslash to be included in string value';
        throw new Problem(`Illegal unquoted character ((CTRL-CHAR, code ${code})): ${rule}`, this.at);
      }
    }
  }

  #escape(): void {
    const char = this.text[this.at] ?? '';
    const isHex = char !== 'u' || /^[0-9a-fA-F]{4}$/.test(this.text.slice(this.at + 1, this.at + 5));
    if (!ESCAPES.has(char) || !isHex) {
      throw new Problem(`Unrecognized character escape '${char}' (code ${char.charCodeAt(0)})`, this.at + 1);
    }
    this.at++;
  }

  #number(): void {
    if (this.#match(NUMBER) !== '') return;
    this.at++;
    this.#unexpected('digit (0-9) to follow minus sign, for valid numeric value');
  }

  #token(): void {
    const start = this.at;
    const word = this.#match(WORD);
    if (word === 'true' || word === 'false' || word === 'null') return;
    if (word === '') {
      this.at = start;
      this.#unexpected(VALUES);
    }
    throw new Problem(`Unrecognized token '${word}': was expecting ${VALUES}`, this.at);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  #unexpected(expected: string): never {
    const char = this.text[this.at];
    if (char !== undefined) {
      const code = char.charCodeAt(0);
      throw new Problem(`Unexpected character ('${char}' (code ${code})): was expecting ${expected}`, this.at + 1);
    }
    const open = this.open.at(-1);
    if (!open) throw new Problem('No content to map due to end-of-input', this.at);
    const kind = open.keys ? 'Object' : 'Array';
    const start = sourceOf(this.text, open.at);
    throw new Problem(`Unexpected end-of-input: expected close marker for ${kind} (start marker at ${start})`, this.at);
  }
}

/** The text and a place in it, as AWS's parser shows them. */
function sourceOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const cut = text.length - SHOWN_CHARS;
  const shown = cut > 0 ? `"${text.slice(0, SHOWN_CHARS)}"[truncated ${cut} chars]` : `"${text}"`;
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`;
}

/** What is wrong with a text as JSON, a key that comes twice and too many levels included; `undefined` if nothing. */
export const jsonProblem = (text: string): JsonProblem | undefined => {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const source = sourceOf(text, error.at);
    return { message: `${error.message}\n at ${source}`, source, isTooDeep: error.isTooDeep };
  }
};
