import type * as z from 'zod';

/** What a generated request type has: parts of the address, and the body. */
export type Parts = { readonly path?: unknown; readonly query?: unknown; readonly body?: unknown };

/** Where a request goes; parameters of the path are in braces: `/v1/stfs/{stf}`. */
export type Route = { readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string };

/** A route of the API; `R` is the type of its request and never there at run time. */
export type Endpoint<R extends Parts> = Route & { readonly request?: R };

/** A route that answers JSON, with the schema that it answers by. */
export type Operation<R extends Parts, S extends z.ZodType> = Endpoint<R> & { readonly answer: S };

/** What may be left out may also be given as undefined. */
type Loose<T> = T extends object
  ? { readonly [K in keyof T]: Pick<T, K> extends Required<Pick<T, K>> ? Loose<T[K]> : Loose<T[K]> | undefined }
  : T;
type LooseParts<R> = { readonly [K in keyof R as K extends keyof Parts ? K : never]: Loose<R[K]> };

/** The arguments of a call: the request comes first where it needs something. */
export type CallOf<R extends Parts, O> =
  Record<never, never> extends LooseParts<R>
    ? [request?: LooseParts<R>, options?: O]
    : [request: LooseParts<R>, options?: O];

const entriesOf = (part: unknown): [string, unknown][] =>
  typeof part === 'object' && part !== null ? Object.entries(part) : [];

/** The address of a request: what people type goes into it as text, never as a part of the path. */
export const urlOf = ({ path }: Route, parts: Parts, baseUrl: string): URL => {
  const values = new Map(entriesOf(parts.path));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const url = new URL(filled, baseUrl);
  for (const [name, value] of entriesOf(parts.query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) url.searchParams.append(name, String(one));
    }
  }
  return url;
};
