import * as z from 'zod';
import { jsonOf } from '#lib/model/json';

/** A body by its schema, or what is wrong with it. */
export type Read<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly reason: string };

/** Reads a body. */
export const readJson = <S extends z.ZodType>(schema: S, body: string): Read<z.output<S>> => {
  const value = jsonOf(body);
  if (value === undefined) return { ok: false, reason: 'the body is no JSON' };
  const parsed = schema.safeParse(value);
  return parsed.success ? { ok: true, data: parsed.data } : { ok: false, reason: z.prettifyError(parsed.error) };
};
