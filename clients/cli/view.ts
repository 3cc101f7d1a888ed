import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import type { Status } from '#schema/status';
import { type Caller, type Client, createClient } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { plainFacts, plainLine, renderStatus } from './render.ts';
import { timeOfDay } from './words.ts';

/** Where a view is drawn: a terminal, or anything that takes text. */
export type Out = {
  readonly write: (text: string) => unknown;
  readonly columns?: number;
  readonly rows?: number;
  readonly on?: (event: 'resize', listener: () => void) => unknown;
  readonly off?: (event: 'resize', listener: () => void) => unknown;
};

export type ViewOptions = {
  readonly baseUrl: string;
  readonly token?: Caller['token'];
  readonly fetch?: Caller['fetch'];
  readonly out: Out;
  readonly isTty: boolean;
  /** Each status that brought something new as a line of JSON, with the talk where it does not disturb. */
  readonly jsonl?: { readonly talk: Out };
};
/** A view that is on. */
export type View = {
  /** Lets something else be written to the same terminal: the picture goes, and comes back below it. */
  readonly above: (write: () => void) => void;
  /** Draws the last figures and gives the terminal back. */
  readonly stop: () => Promise<void>;
};

/** What shows a status, and the time in which papilio does not answer. */
type Screen = {
  readonly show: (status: Status) => void;
  readonly showAway: (sinceAt: string) => void;
  readonly above: (write: () => void) => void;
  readonly close: () => void;
};

/** How long an answer may be held back, and the rest after it. */
type Pace = { readonly waitMs: number; readonly restMs: number };
/** A terminal shows ages that run on even if nothing happens: at most four frames a second, and one at the least. */
const framePace: Pace = { waitMs: 1_000, restMs: 250 };
/** At most one line a second; what shows without an event, such as silence, within three. */
const linePace: Pace = { waitMs: 2_000, restMs: 1_000 };
const retryMs = 500;

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Terminals that know it show what is between these two in one piece; others ignore it. */
const beginFrame = '\x1b[?2026h';
const endFrame = '\x1b[?2026l';

/** Draws over its own last lines, each one cleared only behind its new text, so that nothing flickers. */
const createTerminal = (out: Out): Screen => {
  // picocolors knows NO_COLOR and dumb terminals; a terminal that it does not see (a test, a pipe) gets what was asked for.
  const colors = pc.createColors(pc.isColorSupported);
  let drawn = 0;
  let last: string[] | undefined;
  let status: Status | undefined;

  const toTop = (): string => (drawn > 0 ? `\x1b[${drawn}A\r` : '');
  const draw = (lines: string[]): void => {
    const back = toTop();
    out.write(`${beginFrame}${back}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[0J${endFrame}`);
    drawn = lines.length;
    last = lines;
  };
  // Some terminals do not know their width and say 0. The last column stays free: some terminals wrap already when it is filled.
  // What is above the top of the terminal could not be drawn over.
  const fitting = (lines: readonly string[]): string[] => lines.slice(0, Math.max(1, (out.rows || 1_000) - 1));
  const canvas = () => ({ width: Math.max(20, (out.columns || 80) - 1), colors });
  const show = (next: Status): void => {
    status = next;
    draw(fitting(renderStatus(next, canvas(), (out.rows || 1_000) - 1)));
  };
  const onResize = (): void => {
    if (status) show(status);
  };
  const restore = (): void => {
    out.write(showCursor);
  };
  out.write(hideCursor);
  process.once('exit', restore);
  out.on?.('resize', onResize);
  return {
    show,
    showAway: (sinceAt) => {
      const note = colors.yellow(`papilio does not answer since ${timeOfDay(sinceAt)} UTC; it is asked again`);
      draw(fitting([note, ...(last ?? []).filter((line) => !line.includes('does not answer'))]));
    },
    above: (write) => {
      if (drawn > 0) out.write(`${toTop()}\x1b[0J`);
      drawn = 0;
      write();
      if (last) draw(last);
    },
    close: () => {
      out.off?.('resize', onResize);
      process.removeListener('exit', restore);
      restore();
    },
  };
};

/** Writes a line when something changed. */
const createLines = (out: Out, textOf: (status: Status) => string, talk: Out): Screen => {
  const away = 'papilio does not answer; it is asked again';
  let last = '';
  const say = (facts: string, to: Out, text: string): void => {
    if (facts !== last) to.write(`${text}\n`);
    last = facts;
  };
  return {
    show: (status) => say(plainFacts(status), out, textOf(status)),
    showAway: (sinceAt) => say(away, talk, `${timeOfDay(sinceAt)} ${away}`),
    above: (write) => write(),
    close: () => undefined,
  };
};

const screenOf = ({ out, isTty, jsonl }: ViewOptions): Screen => {
  if (jsonl) return createLines(out, (status) => JSON.stringify(status), jsonl.talk);
  return isTty ? createTerminal(out) : createLines(out, plainLine, out);
};

/** Resolves after a time, or at once when the view is stopped. */
const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const follow = async (client: Client, screen: Screen, pace: Pace, signal: AbortSignal): Promise<void> => {
  let position: string | undefined;
  let answeredAt = new Date().toISOString();
  while (!signal.aborted) {
    try {
      const query = position === undefined ? {} : { after: position, waitMs: pace.waitMs };
      const status = await client.call(api.getStatus, { query }, { signal });
      position = status.position;
      answeredAt = status.at;
      screen.show(status);
      await rest(pace.restMs, signal);
    } catch {
      if (signal.aborted) return;
      screen.showAway(answeredAt);
      await rest(retryMs, signal);
    }
  }
};

/** Shows papilio at work until it is stopped: a live picture on a terminal, plain lines or JSON elsewhere. */
export const startView = (options: ViewOptions): View => {
  const client = createClient(options.baseUrl, { token: options.token, fetch: options.fetch });
  const screen = screenOf(options);
  const stopping = new AbortController();
  const following = follow(client, screen, options.isTty && !options.jsonl ? framePace : linePace, stopping.signal);
  return {
    above: screen.above,
    stop: async () => {
      stopping.abort();
      await following;
      try {
        screen.show(await client.call(api.getStatus, {}, { signal: AbortSignal.timeout(1_000) }));
      } catch {
        // gone already: the last picture stays
      }
      screen.close();
    },
  };
};
