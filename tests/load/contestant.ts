import * as z from 'zod';

/** One round that a contestant is asked to run. */
export const Order = z.object({ kind: z.string(), count: z.int(), inFlight: z.int() });
export type Order = z.infer<typeof Order>;

/** What a round took. CPU is that of all threads of all processes of the contestant. */
export const Answer = z.object({
  wallMs: z.number(),
  cpuMs: z.number(),
  /** How long each call took, where that is asked for. */
  spansMs: z.array(z.number()),
  /** Some of the outputs, in order, to be compared with those of others. */
  outputs: z.array(z.string()),
});
export type Answer = z.infer<typeof Answer>;

/** What happens in a round. */
export type Round = (order: Order) => Promise<{ readonly spansMs?: number[]; readonly outputs?: string[] }>;

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Runs rounds for the parent process until it goes; `othersCpuMs` adds the CPU of processes of its own. */
export const compete = (round: Round, othersCpuMs: () => number = () => 0): void => {
  const cpuMs = () => ownCpuMs() + othersCpuMs();
  const answer = async (message: unknown): Promise<Answer> => {
    const order = Order.parse(message);
    const cpuBeforeMs = cpuMs();
    const startedMs = performance.now();
    const { spansMs = [], outputs = [] } = await round(order);
    return { wallMs: performance.now() - startedMs, cpuMs: cpuMs() - cpuBeforeMs, spansMs, outputs };
  };
  process.on('message', (message) => {
    answer(message).then(
      (found) => process.send?.(found),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
};

/** Makes `count` calls, `inFlight` of them at a time. */
export const callAll = async (
  { count, inFlight }: Pick<Order, 'count' | 'inFlight'>,
  call: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, caller));
};
