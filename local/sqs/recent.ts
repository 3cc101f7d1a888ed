/** Remembers keys for a span of time in two generations: O(1), and never more than two spans' worth. */
export type Recent<V extends { readonly atMs: number }> = {
  young: Map<string, V>;
  old: Map<string, V>;
  youngSinceMs: number;
};

/** Deduplication and receive attempts are remembered for five minutes. */
export const rememberedMs = 5 * 60 * 1000;

/** Makes an empty memory. */
export const recent = <V extends { readonly atMs: number }>(): Recent<V> => ({
  young: new Map(),
  old: new Map(),
  youngSinceMs: 0,
});

/** What was remembered under the key within the last five minutes. */
export function recall<V extends { readonly atMs: number }>(
  memory: Recent<V>,
  key: string,
  nowMs: number,
): V | undefined {
  const found = memory.young.get(key) ?? memory.old.get(key);
  return found !== undefined && nowMs - found.atMs < rememberedMs ? found : undefined;
}

/** Remembers a value from its own time on. */
export function remember<V extends { readonly atMs: number }>(memory: Recent<V>, key: string, value: V): void {
  if (value.atMs - memory.youngSinceMs >= rememberedMs) {
    memory.old = memory.young;
    memory.young = new Map();
    memory.youngSinceMs = value.atMs;
  }
  memory.young.set(key, value);
}

/** Everything that is remembered, oldest first. */
export function* remembered<V extends { readonly atMs: number }>(memory: Recent<V>): Generator<[string, V]> {
  yield* memory.old;
  yield* memory.young;
}
