import { expect, test } from 'vitest';
import type { TestStates } from './a-states-part.ts';

/** A list operation with at least five things to list. */
export type PagedList = {
  readonly operation: string;
  /** The field of its answer. */
  readonly field: string;
  readonly make: () => Promise<{ readonly states: TestStates; readonly input: object }>;
};

const itemsIn = (answer: Record<string, unknown>, field: string): unknown[] => {
  const items = answer[field];
  if (!Array.isArray(items)) throw new Error(`the answer has no ${field}`);
  return items;
};

/** Tests what every list operation does with its page size and page tokens. */
export const testPages = ({ operation, field, make }: PagedList): void => {
  const list = async (more: object): Promise<Record<string, unknown>> => {
    const { states, input } = await make();
    return states.call(operation, { ...input, ...more });
  };
  test.each([0, 1, 1000])(`api: ${operation}.maxResults accept: %i`, async (maxResults) => {
    expect(itemsIn(await list({ maxResults }), field).length).toBeGreaterThan(0);
  });
  test.each([-1, 1001, 1.5, '1'])(`api: ${operation}.maxResults refuse: %j`, async (maxResults) => {
    await expect(list({ maxResults })).rejects.toMatchObject({ code: 'ValidationException' });
  });
  test(`api: ${operation}.maxResults effect: so many are on a page`, async () => {
    expect(itemsIn(await list({ maxResults: 2 }), field)).toHaveLength(2);
  });
  test(`api: ${operation}.nextToken accept: that of the page before`, async () => {
    const { states, input } = await make();
    const { nextToken } = await states.call(operation, { ...input, maxResults: 2 });
    const page = await states.call(operation, { ...input, maxResults: 2, nextToken });
    expect(itemsIn(page, field)).toHaveLength(2);
  });
  test.each(['x', '-1'])(`api: ${operation}.nextToken refuse: %j`, async (nextToken) => {
    await expect(list({ nextToken })).rejects.toMatchObject({ code: 'InvalidToken' });
  });
  test(`api: ${operation}.nextToken effect: the pages are all there is, in order, once`, async () => {
    const { states, input } = await make();
    const seen: unknown[] = [];
    let nextToken: unknown;
    do {
      const token = nextToken === undefined ? {} : { nextToken };
      const page = await states.call(operation, { ...input, maxResults: 2, ...token });
      seen.push(...itemsIn(page, field));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(seen).toEqual(itemsIn(await states.call(operation, input), field));
  });
};
