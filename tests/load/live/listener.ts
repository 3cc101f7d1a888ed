import { connect, type Socket } from 'node:net';

/** What listeners have heard, all of them together. */
export type Counts = {
  events: number;
  /** Positions that were passed over, and those that came again. */
  lost: number;
  repeated: number;
  refused: number;
  /** How many events waited so many milliseconds from before their commit; the oldest of each piece that came. */
  readonly waitedMs: Uint32Array;
};

/** Makes counts of nothing. */
export const noCounts = (): Counts => ({
  ...{ events: 0, lost: 0, repeated: 0, refused: 0 },
  waitedMs: new Uint32Array(120_000),
});

/** One client of live events: a socket, and of the rest as little as can be. */
export type Listener = {
  readonly sum: () => number;
  readonly isOpen: () => boolean;
  readonly connect: () => void;
  /** Cuts the connection; it comes back at once, with its last id. */
  readonly cut: () => void;
  readonly close: () => void;
};

const retryPattern = /retry: (\d+)/;
const waitedOf = (text: string, from: number): number => {
  const at = text.indexOf('"atMs":', from);
  return Math.max(0, Date.now() - Number.parseInt(text.slice(at + 7, at + 21), 10));
};

/** Both numbers of an id together: one more with each event. */
const sumOf = (id: string): number => {
  const dash = id.indexOf('-');
  return Number(id.slice(1, dash)) + Number(id.slice(dash + 2));
};

/** Makes a listener that begins after a position. */
export const createListener = (port: number, counts: Counts, begin: string): Listener => {
  let last = begin;
  let sum = sumOf(begin);
  let socket: Socket | undefined;
  let rest = '';
  let isOpen = false;
  let isWanted = true;
  let retryMs = 1_000;

  const count = (id: string): void => {
    const now = sumOf(id);
    if (now <= sum) counts.repeated += 1;
    else counts.lost += now - sum - 1;
    counts.events += 1;
    sum = now;
    last = id;
  };

  /** Counts whole blocks; a heartbeat has an id and no data. */
  const hear = (piece: string): void => {
    const text = rest + piece;
    const end = text.lastIndexOf('\n\n') + 2;
    if (end === 1) {
      rest = text;
      return;
    }
    let isFirst = true;
    for (let at = text.indexOf('\nid: '); at >= 0 && at + 1 < end; at = text.indexOf('\nid: ', at + 5)) {
      const stop = text.indexOf('\n', at + 5);
      if (!text.startsWith('data: ', stop + 1)) continue;
      count(text.slice(at + 5, stop));
      if (isFirst) {
        const waited = Math.min(waitedOf(text, stop), counts.waitedMs.length - 1);
        counts.waitedMs[waited] = (counts.waitedMs[waited] ?? 0) + 1;
      }
      isFirst = false;
    }
    // The line end before an id that comes next belongs to what was heard.
    rest = text.slice(end - 1);
  };

  const open = (): void => {
    rest = '';
    const mine = connect({ host: '127.0.0.1', port });
    socket = mine;
    mine.setEncoding('latin1');
    mine.write(
      `GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nLast-Event-ID: ${last}\r\n\r\n`,
    );
    mine.once('data', (text) => {
      isOpen = String(text).startsWith('HTTP/1.1 200');
      if (!isOpen) counts.refused += 1;
      retryMs = Number(retryPattern.exec(String(text))?.[1] ?? retryMs);
    });
    mine.on('data', (piece) => hear(String(piece)));
    mine.on('error', () => undefined);
    mine.once('close', () => {
      isOpen = false;
      if (isWanted && socket === mine) setTimeout(open, retryMs);
    });
  };

  return {
    sum: () => sum,
    isOpen: () => isOpen,
    connect: open,
    cut: () => {
      const old = socket;
      open();
      isOpen = false;
      old?.destroy();
    },
    close: () => {
      isWanted = false;
      socket?.destroy();
    },
  };
};
