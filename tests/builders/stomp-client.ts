import { onTestFinished } from 'vitest';
import type { Delivery } from '../../clients/bridge/bridge.ts';
import { type Broker, brokerOf } from '../../clients/bridge/brokers.ts';
import { stompSource } from '../../clients/bridge/stomp-source.ts';

/** A source of one broker on one topic: its deliveries one by one, and what befell its line. */
export const aStompSource = (url: string, fields: Partial<Broker> = {}) => {
  const stopping = new AbortController();
  const breaks: { readonly reason: string; readonly tries: number }[] = [];
  let connects = 0;
  let look = (): unknown => undefined;
  const broker = { ...brokerOf(url, ['/topic/epictopic']), heartbeatMs: 0, ...fields };
  const groups = stompSource(broker, {
    environment: { PAPILIO_TEST_SECRET: 'lepidoptera' },
    signal: stopping.signal,
    onConnect: () => {
      connects += 1;
    },
    onBreak: (reason, tries) => {
      breaks.push({ reason, tries });
      look();
    },
    pause: async () => undefined,
  });
  const one = async function* () {
    for await (const group of groups) yield* group;
  };
  const deliveries = one();
  const close = async (): Promise<void> => {
    stopping.abort();
    await deliveries.return(undefined);
  };
  onTestFinished(close);
  return {
    broker,
    breaks,
    /** Resolves when the line broke so many times. */
    whenBroken: (times: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => breaks.length >= times && resolve();
        look();
      }),
    connects: () => connects,
    /** The same, in groups, for a bridge. */
    groups,
    /** The next so many deliveries. */
    take: async (count: number): Promise<Delivery[]> => {
      const taken: Delivery[] = [];
      while (taken.length < count) {
        const { value } = await deliveries.next();
        if (value === undefined) return taken;
        taken.push(value);
      }
      return taken;
    },
    close,
  };
};
