import { type Json, parseJson } from '../../json.ts';
import { checkItemSize } from './item-size.ts';

/** The lines of a text without their ends. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    checkItemSize(rest.length);
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

/** One value a line; empty lines are skipped. @throws if a line is no JSON */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<Json> {
  let number = 0;
  for await (const line of linesOf(pieces)) {
    number += 1;
    if (line.trim() === '') continue;
    const value = parseJson(line);
    if (value === undefined) throw new Error(`Line ${number} is not a JSON value`);
    yield value;
  }
}
