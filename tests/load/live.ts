import { setTimeout as delay } from 'node:timers/promises';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';
import { type BenchFront, type Listeners, startFront, startListeners } from './live/front.ts';
import { openPlanes, type Planes } from './live/planes.ts';
import type { Report } from './live/words.ts';
import { type Sample, watchUsage } from './usage.ts';

export const name = 'live';
export const about = 'clients of live events: memory of each, delivery, and what a storm of reconnects loses';

const clients = 1_000;
const eventsHz = 100;
const steadyS = 30;
const stormS = 8;
const history = 100_000;

type Bench = { readonly planes: Planes; readonly listeners: Listeners; readonly say: BenchmarkOptions['say'] };

/** Asks until something is so. */
const until = async (listeners: Listeners, isSo: (report: Report) => boolean): Promise<Report> => {
  for (;;) {
    const report = await listeners.tell({ does: 'report' });
    if (isSo(report)) return report;
    await delay(50);
  }
};

const usageOf = (samples: readonly Sample[]) => {
  const found = samples.flatMap(({ front }) => front ?? []);
  const [first, last] = [found[0], found.at(-1)];
  const half = found.slice(Math.floor(found.length / 2));
  return { cpuS: (last?.cpuS ?? 0) - (first?.cpuS ?? 0), residentMb: median(half.map(({ residentMb }) => residentMb)) };
};

/** What a front uses while something is done. */
const using = async <T>(front: BenchFront, does: () => Promise<T>) => {
  const beganMs = performance.now();
  const stop = watchUsage({ front: () => front.pid });
  const done = await does();
  const { cpuS, residentMb } = usageOf(stop());
  return { done, cores: cpuS / ((performance.now() - beganMs) / 1000), residentMb };
};

/** One client hears all that ever was. */
const replayAll = async (front: BenchFront, { planes, listeners }: Bench): Promise<Row> => {
  const beganMs = performance.now();
  const { residentMb } = await using(front, async () => {
    await listeners.tell({ does: 'connect', port: front.port, count: 1, begin: 'a0-w0' });
    await until(listeners, ({ sumLeast }) => sumLeast === planes.count());
  });
  const tookS = (performance.now() - beganMs) / 1000;
  const { events, lost, repeated } = await listeners.tell({ does: 'report' });
  await listeners.tell({ does: 'close' });
  return {
    events,
    s: rounded(tookS),
    'events/s': rounded(events / tookS),
    'front MB': rounded(residentMb),
    lost,
    repeated,
  };
};

/** All listen while events come; gives what reached them. */
const steadily = async (front: BenchFront, seconds: number, { planes, listeners }: Bench) => {
  const stop = planes.keepWriting(1_000 / eventsHz);
  await delay(2_000);
  await listeners.tell({ does: 'count' });
  const used = await using(front, () => delay(seconds * 1_000));
  const report = await listeners.tell({ does: 'report' });
  await stop();
  return { ...used, report };
};

/** Something happens to all connections at once while events go on; gives how it stands when all have all again. */
const storm = async (seconds: number, { planes, listeners }: Bench, happen: () => Promise<unknown>) => {
  const stop = planes.keepWriting(1_000 / eventsHz);
  await delay(1_000);
  await listeners.tell({ does: 'count' });
  const beganMs = performance.now();
  await happen();
  await until(listeners, ({ open }) => open === clients);
  const backS = (performance.now() - beganMs) / 1000;
  await delay(seconds * 1_000);
  await stop();
  await until(listeners, ({ sumLeast }) => sumLeast === planes.count());
  const { lost, repeated, refused, waitedMostMs } = await listeners.tell({ does: 'report' });
  return { 'all back after s': rounded(backS), refused, lost, repeated, 'longest wait ms': waitedMostMs };
};

/** Measures memory and delivery of many clients, then cuts them all at once, then kills their front. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const planes = await openPlanes(folder.path);
  const listeners = startListeners();
  const bench: Bench = { planes, listeners, say };
  const seconds = (full: number): number => Math.max(3, full * scale);
  try {
    say('a front that has just begun, without clients');
    let front = await startFront(folder.path);
    const busy = planes.keepWriting(1_000 / eventsHz);
    await delay(5_000);
    const alone = await using(front, () => delay(5_000));
    await busy();

    say(`${clients} clients, ${eventsHz} events a second`);
    await listeners.tell({ does: 'connect', port: front.port, count: clients, begin: planes.head() });
    await until(listeners, ({ open }) => open === clients);
    const steady = await steadily(front, seconds(steadyS), bench);

    say('all clients are cut at once');
    const cut = await storm(seconds(stormS), bench, () => listeners.tell({ does: 'cut' }));
    say('the front is killed and started again');
    const killed = await storm(seconds(stormS), bench, async () => {
      await front.kill();
      front = await startFront(folder.path);
    });
    await listeners.tell({ does: 'close' });

    say(`${history} events of the past`);
    for (let written = 0; written < history * Math.min(1, scale); written += 2_000)
      await Promise.all([planes.write('archive', 1_000), planes.write('work', 1_000)]);
    await front.kill();
    front = await startFront(folder.path);
    await delay(5_000);
    const replayed = await replayAll(front, bench);
    await front.kill();

    const kbPerClient = ((steady.residentMb - alone.residentMb) * 1_000) / clients;
    const { waitedP50Ms, waitedP99Ms, waitedMostMs, lost, repeated, events } = steady.report;
    return {
      tables: {
        [`${clients} clients, ${eventsHz} events/s`]: [
          {
            'events/s delivered': rounded(events / seconds(steadyS)),
            'delivery p50 ms': waitedP50Ms,
            'delivery p99 ms': waitedP99Ms,
            'longest ms': waitedMostMs,
            'front CPU cores': rounded(steady.cores),
            'of it without clients': rounded(alone.cores),
            'front MB': rounded(steady.residentMb),
            'of it without clients MB': rounded(alone.residentMb),
            'kB a client': rounded(kbPerClient),
            lost,
            repeated,
          },
        ],
        'storms of reconnects, events going on': [
          { storm: 'all clients cut at once', ...cut },
          { storm: 'front killed with -9 and started', ...killed },
        ],
        'one client hears all of the past': [replayed],
      },
      bars: [
        { what: 'memory of a client', measured: rounded(kbPerClient), unit: 'kB', atMost: 100 },
        { what: 'delivery, p99', measured: waitedP99Ms, unit: 'ms', atMost: 200 },
        {
          what: 'lost or repeated in the storms',
          measured: Number(cut.lost) + Number(cut.repeated) + Number(killed.lost) + Number(killed.repeated),
          unit: 'events',
          atMost: 0,
        },
      ],
      notes: [
        `delivery is from before the commit to the client, of the oldest event of each piece that came; clients, planes and front share the machine`,
        'clients come back 1 s to 3 s after their front has fallen, each after its own time',
      ],
    };
  } finally {
    listeners.close();
    await planes.close();
  }
};
