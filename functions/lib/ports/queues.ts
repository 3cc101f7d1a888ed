/** Queues by their name in the catalogue. Errors: `plane-unavailable` (Transient). */
export type Queues = {
  /** Sends each body as one JSON message; returns when all are durable. Any number; the adapter batches. */
  readonly send: (queue: string, bodies: readonly unknown[]) => Promise<void>;
};
