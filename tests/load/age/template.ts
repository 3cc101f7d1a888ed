import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { runKey, sequenceKey, stfKey } from '#lib/model/ids';
import { bxRangeOf, tfRangeOf } from '#lib/model/tf-range';
import type { Item } from '#ports/store';
import { NewEvent } from '#schema/event';

/** Place of a synthetic STF: its numbers, and how far its times lie from those of the template. */
export type StfPlace = { readonly run: number; readonly sequence: number; readonly shiftMs: number };

type Hole = (place: StfPlace) => string;
type Compiled = readonly (string | Hole)[];

/** Rows of one STF in one plane, with holes where its numbers and times were. */
export type StfTemplate = {
  readonly items: (place: StfPlace) => Omit<Item, 'version'>[];
  readonly events: (place: StfPlace) => NewEvent[];
};

const Row = z.object({
  pk: z.string(),
  sk: z.string(),
  doc: z.string(),
  i1Pk: z.string().nullable(),
  i1Sk: z.string().nullable(),
  i2Pk: z.string().nullable(),
  i2Sk: z.string().nullable(),
});
const EventRow = z.object({ body: z.string() });

const tfsPerStf = 1000;
const hexOf = (place: StfPlace, salt: string, digits: number): string =>
  createHash('sha256').update(`${salt} ${place.run} ${place.sequence}`).digest('hex').slice(0, digits);
const nameOf = ({ run, sequence }: StfPlace): string => `swf.${run}.${String(sequence).padStart(6, '0')}`;
const shifted = (moment: string): Hole => {
  const baseMs = Date.parse(moment);
  const micros = moment.length > '2026-01-01T00:00:00.000Z'.length ? '000Z' : 'Z';
  return ({ shiftMs }) => new Date(baseMs + shiftMs).toISOString().replace('Z', micros);
};

/** Decimal number of a TF or BX range at a place. */
const numberAt = (field: string): Hole => {
  return ({ run, sequence }) => {
    const tfs = tfRangeOf({ run, sequence, tfCount: tfsPerStf, tfsPerStf });
    const { tfFirst, tfEnd, bxFirst, bxEnd } = { ...tfs, ...bxRangeOf(tfs) };
    return `"${field}":"${{ tfFirst, tfEnd, bxFirst, bxEnd }[field] ?? 0n}"`;
  };
};

/** Finds the numbers of one STF in texts and turns the texts into templates. */
const compilerOf = (of: { readonly run: number; readonly sequence: number }, message: string) => {
  const key = stfKey(of.run, of.sequence);
  const holes: readonly (readonly [RegExp, (found: string) => Hole])[] = [
    [
      new RegExp(key),
      () =>
        ({ run, sequence }) =>
          stfKey(run, sequence),
    ],
    [new RegExp(message), () => (place) => hexOf(place, 'message', 32)],
    [new RegExp(`-${message.slice(-8)}`), () => (place) => `-${hexOf(place, 'message', 32).slice(-8)}`],
    [/execution_[0-9a-f]{24}/, (found) => (place) => `execution_${hexOf(place, found, 24)}`],
    [new RegExp(nameOf({ ...of, shiftMs: 0 }).replaceAll('.', '\\.')), () => nameOf],
    [
      new RegExp(`(?<=[_/"]|^)${runKey(of.run)}`),
      () =>
        ({ run }) =>
          runKey(run),
    ],
    [
      new RegExp(`"run":${of.run}(?![0-9])`),
      () =>
        ({ run }) =>
          `"run":${run}`,
    ],
    [
      new RegExp(`"sequence":${of.sequence}(?![0-9])`),
      () =>
        ({ sequence }) =>
          `"sequence":${sequence}`,
    ],
    [
      new RegExp(`^${sequenceKey(of.sequence)}$`),
      () =>
        ({ sequence }) =>
          sequenceKey(sequence),
    ],
    [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z/, shifted],
    [/"(?:tfFirst|tfEnd|bxFirst|bxEnd)":"\d+"/, (found) => numberAt(found.slice(1, found.indexOf('"', 1)))],
  ];
  const any = new RegExp(holes.map(([pattern]) => `(?:${pattern.source})`).join('|'), 'g');
  const holeOf = (found: string): Hole => {
    const [, make] =
      holes.find(([pattern]) =>
        new RegExp(`^(?:${pattern.source.replace(/^\^|^\(\?<=[^)]*\)|\$$/g, '')})`).test(found),
      ) ?? [];
    return make?.(found) ?? (() => found);
  };
  return (text: string): Compiled => {
    const parts: (string | Hole)[] = [];
    let at = 0;
    for (const match of text.matchAll(any)) {
      parts.push(text.slice(at, match.index), holeOf(match[0]));
      at = match.index + match[0].length;
    }
    return [...parts, text.slice(at)];
  };
};

const fill = (compiled: Compiled, place: StfPlace): string =>
  compiled.map((part) => (typeof part === 'string' ? part : part(place))).join('');

const Doc = z.record(z.string(), z.unknown());

type CompiledRow = { readonly sk: string } & Readonly<
  Record<'pk' | 'doc' | 'i1Pk' | 'i1Sk' | 'i2Pk' | 'i2Sk', Compiled | undefined>
>;

const itemAt = (row: CompiledRow, place: StfPlace): Omit<Item, 'version'> => {
  const text = (name: Exclude<keyof CompiledRow, 'sk'>): string => fill(row[name] ?? [], place);
  const indexes = {
    ...(row.i1Pk === undefined ? {} : { i1: { pk: text('i1Pk'), sk: text('i1Sk') } }),
    ...(row.i2Pk === undefined ? {} : { i2: { pk: text('i2Pk'), sk: text('i2Sk') } }),
  };
  return { pk: text('pk'), sk: row.sk, doc: Doc.parse(JSON.parse(text('doc'))), indexes };
};

/** Reads the rows of one STF, with its message, from a store that a real run was played into. */
export const templateOf = (
  folder: string,
  plane: 'archive' | 'work',
  of: { readonly run: number; readonly sequence: number; readonly message: string },
): StfTemplate => {
  using database = new DatabaseSync(join(folder, plane, 'store.db'), { readOnly: true });
  const compile = compilerOf(of, of.message);
  const key = stfKey(of.run, of.sequence);
  const isOfStf = (text: string): boolean => text.includes(key) || text.includes(of.message);
  const compiled = (text: string | null): Compiled | undefined => (text === null ? undefined : compile(text));
  const rows = z
    .array(Row)
    .parse(database.prepare('SELECT pk, sk, doc, i1Pk, i1Sk, i2Pk, i2Sk FROM items').all())
    .filter(({ pk }) => isOfStf(pk))
    .map(({ pk, sk, doc, i1Pk, i1Sk, i2Pk, i2Sk }): CompiledRow => {
      const texts = { pk, doc, i1Pk, i1Sk, i2Pk, i2Sk };
      return {
        sk,
        pk: compile(texts.pk),
        doc: compile(texts.doc),
        i1Pk: compiled(i1Pk),
        i1Sk: compiled(i1Sk),
        i2Pk: compiled(i2Pk),
        i2Sk: compiled(i2Sk),
      };
    });
  const bodies = z
    .array(EventRow)
    .parse(database.prepare('SELECT body FROM events ORDER BY seq').all())
    .filter(({ body }) => isOfStf(NewEvent.parse(JSON.parse(body)).subject))
    .map(({ body }) => compile(body));
  return {
    items: (place) => rows.map((row) => itemAt(row, place)),
    events: (place) => bodies.map((body): NewEvent => JSON.parse(fill(body, place))),
  };
};

/** Hash of the message that announced an STF, as its record names it. */
export const messageOf = (folder: string, stfName: string): string => {
  using database = new DatabaseSync(join(folder, 'work', 'store.db'), { readOnly: true });
  const row = database.prepare("SELECT doc FROM items WHERE sk = 'stf' AND pk LIKE ?").get(`%_stf_${stfName}`);
  const { messageId } = z
    .object({ messageId: z.string() })
    .parse(JSON.parse(z.object({ doc: z.string() }).parse(row).doc));
  return messageId.slice(-32);
};
