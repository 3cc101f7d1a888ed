import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { Status } from '#schema/status';
import { type Client, createClient } from '../http/client.ts';
import { plainFacts, renderStatus } from './render.ts';
import { timeOfDay } from './words.ts';

/** Where a view is drawn: a terminal, or anything that takes text. */
export type Out = {
  readonly write: (text: string) => unknown;
  readonly columns?: number;
  readonly on?: (event: 'resize', listener: () => void) => unknown;
  readonly off?: (event: 'resize', listener: () => void) => unknown;
};

export type ViewOptions = { readonly baseUrl: string; readonly out: Out; readonly isTty: boolean };
/** A view that is on; `stop` draws the last figures and gives the terminal back. */
export type View = { readonly stop: () => Promise<void> };

/** What shows a status, and the time in which papilio does not answer. */
type Screen = {
  readonly show: (status: Status) => void;
  readonly showAway: (sinceAt: string) => void;
  readonly close: () => void;
};

const longPollMs = 1_000;
/** Between two answers: four frames a second on a terminal, two lines a second elsewhere. */
const frameMs = 250;
const lineMs = 500;
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

  const draw = (lines: string[]): void => {
    const back = drawn > 0 ? `\x1b[${drawn}A\r` : '';
    out.write(`${beginFrame}${back}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[0J${endFrame}`);
    drawn = lines.length;
    last = lines;
  };
  // Some terminals do not know their width and say 0. The last column stays free: some terminals wrap already when it is filled.
  const canvas = () => ({ width: Math.max(20, (out.columns || 80) - 1), colors });
  const show = (next: Status): void => {
    status = next;
    draw(renderStatus(next, canvas()));
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
      draw([...(last ?? []).filter((line) => !line.includes('does not answer')), note]);
    },
    close: () => {
      out.off?.('resize', onResize);
      process.removeListener('exit', restore);
      restore();
    },
  };
};

/** Writes a line when something changed. */
const createLines = (out: Out): Screen => {
  let last = '';
  const say = (at: string, facts: string): void => {
    if (facts !== last) out.write(`${timeOfDay(at)} ${facts}\n`);
    last = facts;
  };
  return {
    show: (status) => say(status.at, plainFacts(status)),
    showAway: (sinceAt) => say(sinceAt, 'papilio does not answer; it is asked again'),
    close: () => undefined,
  };
};

/** Resolves after a time, or at once when the view is stopped. */
const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const follow = async (client: Client, screen: Screen, pauseMs: number, signal: AbortSignal): Promise<void> => {
  let position: string | undefined;
  let answeredAt = new Date().toISOString();
  while (!signal.aborted) {
    try {
      const query = position === undefined ? {} : { after: position, waitMs: longPollMs };
      const status = await client.get('/v1/status', Status, query, signal);
      position = status.position;
      answeredAt = status.at;
      screen.show(status);
      await rest(pauseMs, signal);
    } catch {
      if (signal.aborted) return;
      screen.showAway(answeredAt);
      await rest(retryMs, signal);
    }
  }
};

/** Shows papilio at work until it is stopped: a live picture on a terminal, plain lines elsewhere. */
export const startView = ({ baseUrl, out, isTty }: ViewOptions): View => {
  const client = createClient(baseUrl);
  const screen = isTty ? createTerminal(out) : createLines(out);
  const stopping = new AbortController();
  const following = follow(client, screen, isTty ? frameMs : lineMs, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await following;
      try {
        screen.show(await client.get('/v1/status', Status, {}, AbortSignal.timeout(1_000)));
      } catch {
        // gone already: the last picture stays
      }
      screen.close();
    },
  };
};
