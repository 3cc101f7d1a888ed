/** Weights of a queue's score and the priority of streaming work, for an operator to turn. */
export const policy = {
  /** Share of free slots, 0 to 1: spreads work. */
  freeShareWeight: 1,
  /** A facility that failed this job before: any other goes first. */
  failedBeforeWeight: -10,
} as const;

/** Priority by task, 0 to 1000: the stream goes before what follows from it. */
export const priorityOf = (task: string): number => ({ 'stf-hits': 500, 'run-merge': 400, 'warm-up': 50 })[task] ?? 100;
