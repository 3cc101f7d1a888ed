import { userInfo } from 'node:os';
import type { Command } from 'commander';
import * as z from 'zod';
import { type Client, createClient } from '../http/client.ts';
import { findToken, findUrl } from './address.ts';
import type { Io } from './io.ts';
import { type Column, table } from './table.ts';

/** How data are printed. */
export const formats = ['table', 'json', 'jsonl', 'name'] as const;
export type Format = (typeof formats)[number];

const GlobalOptions = z.object({
  url: z.url({ protocol: /^https?$/ }).optional(),
  data: z.string(),
  token: z.string().optional(),
  output: z.enum(formats).default('table'),
  json: z.boolean().default(false),
});

/** A page as lists answer it. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string | undefined };

/** What a command works with. */
export type Context = {
  readonly io: Io;
  readonly client: Client;
  readonly format: Format;
  /** Lines for a person. */
  readonly print: (lines: readonly string[]) => void;
  /** One thing, as the format has it. */
  readonly one: <T extends object>(
    item: T,
    view: { readonly name: string; readonly lines: (item: T) => readonly string[] },
  ) => void;
  /** A list, as the format has it; with `wantsAll` page after page. */
  readonly list: <T extends object>(
    fetch: (cursor: string | undefined) => Promise<Page<T>>,
    view: {
      readonly columns: readonly Column<T>[];
      readonly name: (item: T) => string;
      readonly wantsAll: boolean;
      readonly none: string;
    },
  ) => Promise<void>;
};

const fetchPages = async <T>(
  fetch: (cursor: string | undefined) => Promise<Page<T>>,
  wantsAll: boolean,
): Promise<{ items: T[]; hasMore: boolean }> => {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetch(cursor);
    items.push(...page.items);
    cursor = page.next;
  } while (wantsAll && cursor !== undefined);
  return { items, hasMore: cursor !== undefined };
};

/** The user's name in the system, as far as a header carries it. */
const userName = (): string | undefined => {
  try {
    return /^[A-Za-z0-9][\w.@+-]{0,59}$/.exec(userInfo().username)?.[0];
  } catch {
    return undefined;
  }
};

/** What a command was given besides its own options: where to ask and how to answer. */
export const contextOf = (command: Command, io: Io): Context => {
  const options = GlobalOptions.parse(command.optsWithGlobals());
  const format = options.json ? 'json' : options.output;
  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) io.out.write(`${lines.join('\n')}\n`);
  };
  const asText = (item: object): string => JSON.stringify(item, null, format === 'json' ? 2 : undefined);

  const one: Context['one'] = (item, view) => {
    if (format === 'name') print([view.name]);
    else print(format === 'table' ? view.lines(item) : [asText(item)]);
  };

  const list: Context['list'] = async (fetch, view) => {
    const { items, hasMore } = await fetchPages(fetch, view.wantsAll);
    const lines = {
      json: () => [asText(items)],
      jsonl: () => items.map(asText),
      name: () => items.map(view.name),
      table: () => (items.length === 0 ? [] : table(view.columns, items)),
    } satisfies Record<Format, () => string[]>;
    print(lines[format]());
    if (items.length === 0) io.err.write(`${view.none}\n`);
    if (hasMore) io.err.write('there is more: give --all, or a larger --limit\n');
  };

  const caller = { token: options.token ?? findToken(options), user: userName() };
  return { io, client: createClient(findUrl(options), caller), format, print, one, list };
};
