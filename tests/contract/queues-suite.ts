import { describe, expect, test } from 'vitest';
import type { Queues } from '#ports/queues';

/** Queues as the suite looks at them: what arrived, in any order, and the same queues with their plane away. */
export type OpenQueues = {
  readonly queues: Queues;
  readonly received: (queue: string) => Promise<unknown[]>;
  readonly away: () => Promise<Queues>;
};

const limitBytes = 262_144;
/** A JSON string whose text has so many bytes. */
const textOf = (sizeBytes: number): string => 'x'.repeat(sizeBytes - 2);
const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).toSorted();

/** What every kind of queues keeps to. */
export const queuesSuite = (kind: string, open: () => Promise<OpenQueues>): void => {
  describe(`queues, ${kind}`, () => {
    test('what is sent arrives, each body as one message', async () => {
      const { queues, received } = await open();
      const bodies = [{ n: 1 }, { n: 1 }, 'größer', 17, null, [], { deep: { tf: '4503599627370496' } }];
      await queues.send('broker', bodies);
      expect(sorted(await received('broker'))).toEqual(sorted(bodies));
      expect(await received('settle')).toEqual([]);
    });

    test('nothing is sent for no bodies', async () => {
      const { queues, received } = await open();
      await queues.send('broker', []);
      expect(await received('broker')).toEqual([]);
    });

    test('more than a call holds goes in several', async () => {
      const { queues, received } = await open();
      const bodies = Array.from({ length: 47 }, (_, n) => ({ n }));
      await queues.send('broker', bodies);
      expect(sorted(await received('broker'))).toEqual(sorted(bodies));
    });

    test('more bytes than a call carries go in several', async () => {
      const { queues, received } = await open();
      const bodies = Array.from({ length: 5 }, (_, n) => `${n}${textOf(120_000)}`);
      await queues.send('broker', bodies);
      expect((await received('broker')).length).toBe(5);
    });

    test('a body at the limit arrives; one above it is refused for good, and nothing with it is sent', async () => {
      const { queues, received } = await open();
      await queues.send('broker', [textOf(limitBytes)]);
      expect((await received('broker')).length).toBe(1);
      const tooLarge = queues.send('settle', [{ n: 1 }, textOf(limitBytes + 1)]);
      await expect(tooLarge).rejects.toMatchObject({ code: 'message-too-large', name: 'Invalid' });
      expect(await received('settle')).toEqual([]);
    });

    test.each([
      ['nothing at all', undefined],
      ['a function', () => undefined],
      ['a bigint', 2n ** 60n],
    ])('%s is no message', async (_, body) => {
      const { queues, received } = await open();
      await expect(queues.send('broker', [{ n: 1 }, body])).rejects.toMatchObject({ code: 'input-invalid' });
      expect(await received('broker')).toEqual([]);
    });

    test('characters that no XML carries arrive as they are', async () => {
      const { queues, received } = await open();
      const said = '\uFFFE\uFFFF\u0000\u001F\\uFFFF€😀';
      await queues.send('broker', [{ said }]);
      expect(await received('broker')).toEqual([{ said }]);
    });

    test('a plane that is away is Transient', async () => {
      const { away } = await open();
      const queues = await away();
      await expect(queues.send('broker', [{ n: 1 }])).rejects.toMatchObject({
        code: 'plane-unavailable',
        name: 'Transient',
      });
    });
  });
};
