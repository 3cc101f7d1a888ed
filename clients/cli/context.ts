import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type * as z from 'zod';
import { ApiError } from '../http/api-error.ts';
import { type Client, createClient } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { needFields, pick } from './fields.ts';
import { type Format, type Writer, writerOf } from './format.ts';
import { formatOf, type GlobalOptions, readGlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { type Column, table } from './table.ts';
import { findTarget, type Target } from './target.ts';
import { createDifference, createNovelty, watchList } from './watch-list.ts';
import { harmless, harmlessLine, harmlessRow } from './words.ts';

/** A page as lists answer it. */
export type Page<T> = { readonly items: readonly T[]; readonly next?: string | undefined };

/** What a command works with. */
export type Context = {
  /** Its signal fires when the user stops, or when the time that was given is over. */
  readonly io: Io;
  readonly client: Client;
  readonly target: Target;
  readonly options: GlobalOptions;
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
  /** Several things that are all there, of which people read more than a line each. */
  readonly all: <T extends object>(
    items: readonly T[],
    view: { readonly name: (item: T) => string; readonly lines: (item: T) => readonly string[] },
  ) => void;
  /** Things as they come, a line each. */
  readonly stream: <T extends object>(
    items: readonly T[],
    view: { readonly name: (item: T) => string; readonly line: (item: T) => string },
  ) => void;
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
    // A page that found nothing among what it read is not the end of the list.
  } while (cursor !== undefined && (wantsAll || items.length === 0));
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

/** Loaded before a command runs, so that printing waits for nothing; most commands need neither YAML nor CSV. */
const writers = new WeakMap<Command, Writer>();

/** Loads what writes the format that a command was given. */
export const loadWriter = async (command: Command): Promise<void> => {
  const { format, fields } = formatOf(readGlobalOptions(command));
  const writer = await writerOf(format, fields);
  if (writer !== undefined) writers.set(command, writer);
};

/** Columns of the terminal; a pipe has none. */
export const widthOf = ({ out }: Io): number | undefined => (out.isTTY ? out.columns : undefined);

const within = (signal: AbortSignal, timeoutS: number | undefined): AbortSignal =>
  timeoutS === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutS * 1000)]);

type Printing = Pick<Context, 'print' | 'one' | 'list' | 'all' | 'stream'>;

/** A client, and the schemas by which it was answered. */
type Asking = { readonly client: Client; readonly asked: ReadonlySet<z.ZodType> };

/** How data are printed: drawn for people, written for programs. */
const printingOf = (command: Command, io: Io, options: GlobalOptions, { client, asked }: Asking): Printing => {
  const { format, fields } = formatOf(options);
  const writer = writers.get(command);
  const isWatching = command.opts().watch === true;
  const say = (lines: readonly string[]): void => {
    if (lines.length > 0) io.out.write(`${lines.join('\n')}\n`);
  };
  /** Data as they are, unless a terminal would obey them. */
  const write = (texts: readonly string[]): void =>
    say(io.out.isTTY ? texts.flatMap((text) => text.split('\n')).map(harmlessRow) : texts);
  // Whatever strangers have written into what papilio keeps, a terminal obeys none of it.
  const print = (lines: readonly string[]): void => say(lines.map(harmlessLine));
  const picked = <T extends object>(items: readonly T[]): readonly object[] => {
    if (fields === undefined) return items;
    needFields(items, fields, asked);
    return items.map((item) => pick(item, fields));
  };
  const stream: Context['stream'] = (items, view) => {
    if (format === 'name') print(items.map(view.name));
    else if (writer !== undefined) write(picked(items).map(writer.next));
    else print(items.map(view.line));
  };
  return {
    print,
    one: (item, view) => {
      if (format === 'name') print([view.name]);
      else if (writer !== undefined) write(picked([item]).map(writer.one));
      else print(view.lines(item));
    },
    list: async (fetch, view) => {
      const isPlain = format === 'name' || writer !== undefined;
      const draw = <T extends object>(items: readonly T[], columns: readonly Column<T>[]): void =>
        print(items.length === 0 ? [] : table(columns, items, { isWide: format === 'wide', columns: widthOf(io) }));
      if (isWatching) {
        const novel = createNovelty(view.name);
        const isAnother = createDifference();
        return watchList(client, io.signal, async () => {
          const { items } = await fetchPages(fetch, view.wantsAll);
          if (isPlain) return stream(novel(items), { name: view.name, line: view.name });
          if (!isAnother(items)) return;
          say(io.out.isTTY ? ['\x1b[2J\x1b[H'] : []);
          draw(items, view.columns);
        });
      }
      const { items, hasMore } = await fetchPages(fetch, view.wantsAll);
      if (format === 'name') print(items.map(view.name));
      else if (writer !== undefined) write(writer.list(picked(items)));
      else draw(items, view.columns);
      if (items.length === 0) io.err.write(`${view.none}\n`);
      if (hasMore) io.err.write('there is more: give --all, or a larger --limit\n');
    },
    all: (items, view) => {
      if (format === 'name') print(items.map(view.name));
      else if (writer !== undefined) write(writer.list(picked(items)));
      else print(items.flatMap((item, at) => [...(at === 0 ? [] : ['']), ...view.lines(item)]));
    },
    stream,
  };
};

/** Instance and address, for a person; a token without the right to read the instance sees the address alone. */
const whereabouts = async (client: Client): Promise<string> => {
  try {
    return `${(await client.call(api.getVersion)).instance} at ${client.baseUrl}`;
  } catch (thrown) {
    if (thrown instanceof ApiError && (thrown.status === 401 || thrown.status === 403)) return `at ${client.baseUrl}`;
    throw thrown;
  }
};

/** Requests with a body that change nothing. */
const questions: ReadonlySet<object> = new Set([api.validateWorkflow, api.testWorkflow]);

/** The client, which prints on `err` the instance that it acts on before its first act. */
const announcing = (client: Client, io: Io): Asking => {
  const asked = new Set<z.ZodType>();
  let announced: Promise<void> | undefined;
  const announce = async (): Promise<void> => {
    io.err.write(harmless(`${await whereabouts(client)}\n`));
  };
  const call: Client['call'] = async (operation, ...request) => {
    asked.add(operation.answer);
    if (operation.method !== 'GET' && !questions.has(operation)) {
      announced ??= announce();
      await announced;
    }
    return client.call(operation, ...request);
  };
  return { client: { ...client, call }, asked };
};

/** Options, formats and client of a command. @throws ApiError if `--data` names a folder without a running front */
export const contextOf = (command: Command, given: Io, changes: Partial<GlobalOptions> = {}): Context => {
  const options = { ...readGlobalOptions(command), ...changes };
  const io = { ...given, signal: within(given.signal, options.timeout) };
  const target = findTarget(options);
  const { url, token, fetch } = target;
  const plain = createClient(url, { token, user: userName(), signal: io.signal, fetch });
  const asking = announcing(plain, io);
  const { format } = formatOf(options);
  return { io, client: asking.client, target, options, format, ...printingOf(command, io, options, asking) };
};
