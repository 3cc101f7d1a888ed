/** Most attempts that one call returns. */
const pageMax = 100;

/** Attempts that have ended and were not released, with the time of their end. */
export class HeldAttempts {
  readonly #endedMs = new Map<string, number>();

  has(attemptId: string): boolean {
    return this.#endedMs.has(attemptId);
  }

  add(attemptId: string, endedMs: number): void {
    if (!this.has(attemptId)) this.#endedMs.set(attemptId, endedMs);
  }

  delete(attemptId: string): void {
    this.#endedMs.delete(attemptId);
  }

  /** Some that ended before a moment. Those move to the end, so that repeated calls come to all of them. */
  endedBefore(momentMs: number): readonly string[] {
    const found: string[] = [];
    for (const [attemptId, endedMs] of this.#endedMs) {
      if (endedMs < momentMs) found.push(attemptId);
      if (found.length === pageMax) break;
    }
    for (const attemptId of found) {
      const endedMs = this.#endedMs.get(attemptId) ?? 0;
      this.#endedMs.delete(attemptId);
      this.#endedMs.set(attemptId, endedMs);
    }
    return found;
  }
}
