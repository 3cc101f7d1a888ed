/** How many finished executions are remembered by default; beyond it the oldest are forgotten. */
export const FINISHED_EXECUTIONS = 250_000;

/** Where this part lives, and what it remembers. */
export type RegistryOptions = {
  readonly account: string;
  readonly region: string;
  readonly finishedExecutions: number;
  /** How much a turn does at once. */
  readonly workAtOnce: number;
};
