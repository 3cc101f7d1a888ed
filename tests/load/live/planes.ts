import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { planeRoutes } from '../../../local/plane/routes.ts';
import { anEvent } from '../../builders/an-event.ts';

type Plane = 'archive' | 'work';

/** Logs of both planes that a front follows, written by the benchmark at its own rate. */
export type Planes = {
  /** Writes so many events in one commit. */
  readonly write: (plane: Plane, count: number) => Promise<void>;
  /** Writes an event each `everyMs`, in turn to each plane, until it is told to stop. */
  readonly keepWriting: (everyMs: number) => () => Promise<void>;
  /** How many events there are. */
  readonly count: () => number;
  readonly head: () => string;
  readonly close: () => Promise<void>;
};

const openPlane = async (folder: string, plane: Plane) => {
  mkdirSync(join(folder, plane), { recursive: true });
  const opened = await openSqliteStore({ path: join(folder, plane, 'store.db'), clock: systemClock });
  const status = { plane, startedAt: new Date().toISOString(), runningExecutions: 0, queues: {}, parked: [] };
  const route = planeRoutes({ log: opened.log, status: () => status, closing: new AbortController().signal });
  const server = createServer((request, response) => {
    if (!route(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(join(folder, plane, 'sock'), resolve));
  return { opened, server };
};

/** Makes the planes of a data folder. */
export const openPlanes = async (folder: string): Promise<Planes> => {
  const planes = { archive: await openPlane(folder, 'archive'), work: await openPlane(folder, 'work') };
  const written = { archive: 0, work: 0 };

  const write = async (plane: Plane, count: number): Promise<void> => {
    const atMs = Date.now();
    const events = Array.from({ length: count }, (_, at) => {
      const n = written[plane] + at + 1;
      // As much as an event of a job says.
      const data = {
        atMs,
        run: 102363,
        attemptId: `prod_attempt_bnl-1-00102363-${n}-p1-a1`,
        facility: 'local',
        note: 'x'.repeat(150),
      };
      return anEvent({ id: `${plane}-${n}`, source: `/prod/bnl/${plane}`, time: new Date(atMs).toISOString(), data });
    });
    written[plane] += count;
    await planes[plane].opened.store.transact({ writes: [], events });
  };

  return {
    write,
    keepWriting: (everyMs) => {
      const beganMs = performance.now();
      let count = 0;
      let writing: Promise<unknown> = Promise.resolve();
      // As many as are due, should the machine have kept the timer waiting.
      const timer = setInterval(() => {
        for (; count * everyMs < performance.now() - beganMs; count += 1) {
          const plane = count % 2 === 0 ? 'work' : 'archive';
          writing = Promise.all([writing, write(plane, 1)]);
        }
      }, everyMs);
      return async () => {
        clearInterval(timer);
        await writing;
      };
    },
    count: () => written.archive + written.work,
    head: () => `a${written.archive}-w${written.work}`,
    close: async () => {
      for (const { opened, server } of Object.values(planes)) {
        server.closeAllConnections();
        server.close();
        await opened.store.close();
      }
    },
  };
};
