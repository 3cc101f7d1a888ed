/**
 * Queues by their name in the catalogue. A body has at most 262,144 bytes. Errors: `plane-unavailable` (Transient: some
 * may have been sent), `message-too-large` and `input-invalid` (Invalid).
 */
export type Queues = {
  /** Sends each body as one JSON message; returns when all are durable. Any number; the adapter batches. */
  readonly send: (queue: string, bodies: readonly unknown[]) => Promise<void>;
};
