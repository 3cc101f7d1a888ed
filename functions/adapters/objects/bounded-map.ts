/** A map that forgets what was set longest ago when it is full. */
export const boundedMap = <K, V>(limit: number) => {
  const entries = new Map<K, V>();
  return {
    get: (key: K): V | undefined => entries.get(key),
    set: (key: K, value: V): void => {
      entries.delete(key);
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) return;
        entries.delete(oldest);
      }
    },
    delete: (key: K): boolean => entries.delete(key),
  };
};
