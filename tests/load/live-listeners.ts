import * as z from 'zod';
import { createListener, type Listener, noCounts } from './live/listener.ts';
import { Order, type Report } from './live/words.ts';

/** Clients of live events, in a process of their own; the benchmark says over the pipe what they do. */
let listeners: Listener[] = [];
let counts = noCounts();

const quantileOf = (histogram: Uint32Array, share: number): number => {
  const all = histogram.reduce((sum, each) => sum + each, 0);
  let seen = 0;
  for (const [ms, count] of histogram.entries()) {
    seen += count;
    if (seen >= share * all && all > 0) return ms;
  }
  return 0;
};

const report = (): Report => {
  const sums = listeners.map((each) => each.sum());
  const { waitedMs, ...counted } = counts;
  return {
    ...counted,
    open: listeners.filter((each) => each.isOpen()).length,
    sumLeast: Math.min(...sums),
    sumMost: Math.max(...sums),
    waitedP50Ms: quantileOf(waitedMs, 0.5),
    waitedP99Ms: quantileOf(waitedMs, 0.99),
    waitedMostMs: quantileOf(waitedMs, 1),
  };
};

const acts: { readonly [does in Order['does']]: (order: Order) => void } = {
  connect: ({ port = 0, count = 0, begin = '' }) => {
    listeners = Array.from({ length: count }, () => createListener(port, counts, begin));
    for (const each of listeners) each.connect();
  },
  cut: () => {
    for (const each of listeners) each.cut();
  },
  // The listeners count on in the same object.
  count: () => {
    counts.waitedMs.fill(0);
    Object.assign(counts, { events: 0, refused: 0 });
  },
  close: () => {
    for (const each of listeners) each.close();
    listeners = [];
    counts = noCounts();
  },
  report: () => undefined,
};

process.on('message', (message) => {
  const order = z.parse(Order, message);
  acts[order.does](order);
  process.send?.(report());
});
process.once('disconnect', () => process.exit(0));
