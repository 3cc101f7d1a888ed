import type { EventsConfig } from './config.ts';
import type { Post } from './delivery.ts';

/** The topics and buses of an engine, and what is needed to tell who listens to them. */
export type EventsDesk = {
  readonly config: EventsConfig;
  readonly post: Post;
  readonly region: string;
  readonly nowMs: () => number;
};
