import { open } from 'node:fs/promises';
import * as z from 'zod';
import { jsonOf } from '#lib/model/json';
import type { Frame } from './envelope.ts';

/** One line of a recording: a message, and when it came by the clock that paces a replay. */
export type RecordedLine = { readonly line: number; readonly frame: Frame; readonly atS: number | undefined };

const Line = z.object({
  destination: z.string().default(''),
  tick: z.number().optional(),
  /** Of a recorded live stream, which has no ticks. */
  receivedAt: z.string().optional(),
  body: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

/** The line of a message that came over the wire. */
export const recordedText = ({ destination, body }: Frame, receivedAt: string): string =>
  JSON.stringify({ destination, receivedAt, body });

/** Which clock paces a replay: the recording's ticks or moments of reception, the `start` stamps of its STFs, or none. */
export type Pace = 'tick' | 'start' | 'max';

/** Reads a recording line by line from `firstLine` on (0-based); a line that is no record is delivered as it is. */
export async function* readRecording(path: string, firstLine: number, pace: Pace): AsyncGenerator<RecordedLine> {
  await using file = await open(path, 'r');
  let line = -1;
  for await (const text of linesOf(file.createReadStream({ encoding: 'utf8', autoClose: false }))) {
    line += 1;
    if (line < firstLine || text.trim() === '') continue;
    // Editors of other systems put a mark before the first line.
    yield readLine(line === 0 ? text.replace(/^\uFEFF/, '') : text, line, pace);
  }
}

/** Lines end at a line feed, with or without a carriage return before it, and nowhere else: readline would also cut at U+2028, which JSON may hold. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const [first = '', ...rest] = chunk.split('\n');
    parts.push(first);
    for (const next of rest) {
      yield withoutReturn(parts.join(''));
      parts = [next];
    }
  }
  yield withoutReturn(parts.join(''));
}

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);

const readLine = (text: string, line: number, pace: Pace): RecordedLine => {
  const parsed = Line.safeParse(jsonOf(text));
  if (!parsed.success) return { line, frame: { destination: '', body: text }, atS: undefined };
  const { destination, tick, receivedAt, body } = parsed.data;
  const arrivedS = tick ?? (receivedAt === undefined ? undefined : Date.parse(receivedAt) / 1000);
  return { line, frame: { destination, body: textOf(body) ?? text }, atS: pace === 'tick' ? arrivedS : startOf(body) };
};

/** The body as it was sent; undefined where it is too deep to be written again. */
const textOf = (body: string | Readonly<Record<string, unknown>>): string | undefined => {
  try {
    return typeof body === 'string' ? body : JSON.stringify(body);
  } catch {
    return undefined;
  }
};

const Started = z.object({ start: z.string() });

/** `start` stamps are YYYYMMDDHHMMSSffffff. */
const startOf = (body: string | Readonly<Record<string, unknown>>): number | undefined => {
  const { start } = Started.safeParse(typeof body === 'string' ? jsonOf(body) : body).data ?? { start: '' };
  const [, y, mo, d, h, mi, s, f = '0'] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{6})?$/.exec(start) ?? [];
  return y === undefined ? undefined : Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) / 1000 + Number(f) / 1e6;
};
