/** A cursor over the text of an expression, shared by the path and intrinsic parsers. */
export class TextScanner {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    this.text = text;
  }

  /** The character under the cursor, '' at the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  isDone(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (this.peek() === ' ' || this.peek() === '\t' || this.peek() === '\n' || this.peek() === '\r') this.at++;
  }

  /** Consumes `token` if it is next. */
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw new SyntaxError(`expected '${token}' at character ${this.at}`);
  }

  /** Consumes what the sticky pattern matches. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.at += found.length;
    return found;
  }

  /** Reads a quoted string; a backslash takes the next character as it is, and stays before those in `keep`. */
  quoted(keep = ''): string {
    const quote = this.peek();
    this.at++;
    let value = '';
    // Ends: each round takes a character, and the end of the text throws.
    for (;;) {
      const char = this.peek();
      if (char === '') throw new SyntaxError('a quoted string does not end');
      this.at++;
      if (char === quote) return value;
      if (char === '\\') {
        value += keep.includes(this.peek()) ? `\\${this.peek()}` : this.peek();
        this.at++;
      } else value += char;
    }
  }
}
