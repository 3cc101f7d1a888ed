import { expect, vi } from 'vitest';
import type { TestStates } from './a-states-part.ts';

/** Lets an execution end whose expressions may go to another process; gives its description. */
export const ended = (states: TestStates, executionArn: string, timeout: number): Promise<Record<string, unknown>> =>
  vi.waitFor(
    async () => {
      const found = await states.describe(executionArn);
      expect(found.status).not.toBe('RUNNING');
      return found;
    },
    { timeout, interval: 5 },
  );
