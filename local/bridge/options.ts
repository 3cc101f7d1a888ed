import { parseArgs } from 'node:util';
import * as z from 'zod';

const Replay = z.object({
  replay: z.string(),
  pace: z.enum(['tick', 'start', 'max']).default('tick'),
  speed: z.union([z.literal('max'), z.coerce.number().positive()]).default(1),
  'stf-size': z.coerce.number().positive().max(2000).default(1),
  seed: z.coerce.number().int().min(0).default(1),
});
/** A recording to play. */
export type ReplayOptions = z.infer<typeof Replay>;

const Listen = z.object({ brokers: z.string() });

/** What the bridge process was told: one kind of source. */
export type BridgeWords =
  | { readonly kind: 'replay'; readonly options: ReplayOptions }
  | { readonly kind: 'brokers'; readonly path: string };

/** Reads the words that the supervisor gives the bridge. */
export const readWords = (): BridgeWords => {
  const { values } = parseArgs({
    options: {
      replay: { type: 'string' },
      pace: { type: 'string' },
      speed: { type: 'string' },
      'stf-size': { type: 'string' },
      seed: { type: 'string' },
      brokers: { type: 'string' },
    },
  });
  if (values.brokers !== undefined) return { kind: 'brokers', path: Listen.parse(values).brokers };
  return { kind: 'replay', options: Replay.parse(values) };
};
