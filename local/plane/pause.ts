/** Whether a plane takes new work, and how to wait until it does. */
export type Pause = {
  readonly reason: () => string | undefined;
  readonly set: (reason: string | undefined) => void;
  /** Resolves when work may be taken, or `stop` aborts. */
  readonly open: (stop: AbortSignal) => Promise<void>;
  /** Aborts when the next pause begins; whoever waits for work gives up waiting then. */
  readonly signal: () => AbortSignal;
};

/** A pause that is off. */
export const createPause = (): Pause => {
  let reason: string | undefined;
  let begin = new AbortController();
  const waiting = new Set<() => void>();
  return {
    reason: () => reason,
    set: (next) => {
      const was = reason;
      reason = next;
      if (was === undefined && next !== undefined) begin.abort();
      if (was === undefined || next !== undefined) return;
      begin = new AbortController();
      for (const resume of waiting) resume();
    },
    open: (stop) =>
      new Promise((resolve) => {
        if (reason === undefined || stop.aborted) return resolve();
        const resume = () => {
          waiting.delete(resume);
          stop.removeEventListener('abort', resume);
          resolve();
        };
        waiting.add(resume);
        stop.addEventListener('abort', resume, { once: true });
      }),
    signal: () => begin.signal,
  };
};
