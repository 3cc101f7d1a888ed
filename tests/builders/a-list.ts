import { expect, test } from 'vitest';
import type { TestStates } from './a-states-part.ts';

/** A list with so many members, and what asks for it. */
export type AList = {
  readonly states: TestStates;
  readonly input: object;
  /** Adds one more. */
  readonly add: () => Promise<unknown>;
};

/** What stands in a page besides its token: its members. */
const membersOf = (page: Record<string, unknown>): unknown[] =>
  Object.values(page).flatMap((v) => (Array.isArray(v) ? v : []));

const DAY_MS = 86_400_000;

/** Tests of maxResults and nextToken, which are the same for all lists. */
export function provePaging(operation: string, aListOf: (count: number) => Promise<AList>): void {
  const ask = async ({ states, input }: AList, more: object = {}): Promise<Record<string, unknown>> =>
    states.call(operation, { ...input, ...more });

  test.each([0, 1, 1000])(`api: ${operation}.maxResults accept: %i`, async (maxResults) => {
    expect(membersOf(await ask(await aListOf(2), { maxResults })).length).toBe(maxResults === 1 ? 1 : 2);
  });

  test.each([-1, 1001, 1.5, '1'])(`api: ${operation}.maxResults refuse: %j`, async (maxResults) => {
    await expect(ask(await aListOf(1), { maxResults })).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test(`api: ${operation}.maxResults effect: so many are on a page; a hundred, if nothing or 0 is said`, async () => {
    const list = await aListOf(102);
    expect(membersOf(await ask(list, { maxResults: 2 }))).toHaveLength(2);
    for (const more of [{}, { maxResults: 0 }]) expect(membersOf(await ask(list, more))).toHaveLength(100);
  });

  test(`api: ${operation}.nextToken accept: that of the page before, as often as one likes`, async () => {
    const list = await aListOf(4);
    const { nextToken } = await ask(list, { maxResults: 2 });
    const second = await ask(list, { maxResults: 2, nextToken });
    expect(membersOf(second)).toHaveLength(2);
    expect(await ask(list, { maxResults: 2, nextToken })).toEqual(second);
  });

  test.each(['', 'x', '-1', 'WyIxIiwxLCJ4Il0', 'x'.repeat(1025)])(
    `api: ${operation}.nextToken refuse: %j`,
    async (nextToken) => {
      await expect(ask(await aListOf(4), { nextToken })).rejects.toMatchObject({
        code: expect.stringMatching(/^(InvalidToken|ValidationException)$/),
      });
    },
  );

  test(`api: ${operation}.nextToken refuse: one that is a day old`, async () => {
    const list = await aListOf(4);
    const { nextToken } = await ask(list, { maxResults: 2 });
    await list.states.clock.advance(DAY_MS);
    const invalid = { code: 'InvalidToken', message: "Invalid Token: 'Invalid token'" };
    await expect(ask(list, { nextToken })).rejects.toMatchObject(invalid);
  });

  test(`api: ${operation}.nextToken effect: the pages are all there is, once, whatever is added meanwhile`, async () => {
    const list = await aListOf(6);
    const before = membersOf(await ask(list)).map((each) => JSON.stringify(each));
    const seen: string[] = [];
    for (let nextToken: unknown, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
      const page = await ask(list, { maxResults: 2, ...(nextToken !== undefined && { nextToken }) });
      seen.push(...membersOf(page).map((each) => JSON.stringify(each)));
      nextToken = page.nextToken;
      await list.add();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((each) => before.includes(each))).toEqual(before);
  });
}
