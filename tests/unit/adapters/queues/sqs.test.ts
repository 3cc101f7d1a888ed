import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createSqsQueues, intoCalls, queueUrl } from '../../../../functions/adapters/queues/sqs.ts';
import { messageText } from '../../../../functions/adapters/queues/text.ts';
import { noSigning } from '../../../../local/engine/request-handler.ts';

/** What AWS documents as the characters of a message. */
const isCarried = (text: string) => !/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(text);

test('any value is a text that SQS carries, and the same value again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (said) => {
      const text = messageText({ said });
      expect(isCarried(text)).toBe(true);
      expect(JSON.parse(text)).toEqual({ said });
    }),
  );
  for (const said of ['\uFFFE', '\uFFFF', '\u0000', '\uD800', '\u007F', '\\uFFFF'])
    expect([isCarried(messageText(said)), JSON.parse(messageText(said))]).toEqual([true, said]);
});

test('bodies go in order, in calls that SQS takes', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 262_144 }), { maxLength: 40 });
  fc.assert(
    fc.property(lengths, (sizes) => {
      const bodies = sizes.map((size, at) =>
        String(at)
          .padEnd(size, '€')
          .slice(0, Math.ceil(size / 3)),
      );
      const calls = intoCalls(bodies);
      expect(calls.flat()).toEqual(bodies);
      for (const call of calls) {
        expect(call.length).toBeGreaterThan(0);
        expect(call.length).toBeLessThanOrEqual(10);
        const sizeBytes = call.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
        expect(call.length === 1 || sizeBytes <= 262_144).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test('both inboxes lie with the archive plane, every other queue with its own', () => {
  expect(queueUrl('work-inbox', 'work')).toBe(queueUrl('work-inbox', 'archive'));
  expect(queueUrl('archive-inbox', 'work')).toContain('/000000000001/');
  expect(queueUrl('broker', 'work')).toContain('/000000000002/');
});

test('what goes to the queues of the archive plane goes by its keys, where it has keys of its own', async () => {
  const seen: string[] = [];
  const answering = (name: string) => ({
    ...noSigning,
    requestHandler: {
      handle: async ({ body }: { readonly body?: unknown }) => {
        const text =
          body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8') : '';
        seen.push(`${name} ${z.object({ QueueUrl: z.string() }).parse(JSON.parse(text)).QueueUrl}`);
        const answer = { Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: '' }], Failed: [] };
        const headers = { 'content-type': 'application/x-amz-json-1.0' };
        return { response: { statusCode: 200, headers, body: Buffer.from(JSON.stringify(answer)) } };
      },
      destroy: () => undefined,
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
    md5: false as const,
  });
  const queueBaseUrl = 'http://127.0.0.1:4566';
  const queues = createSqsQueues({ ...answering('work'), queueBaseUrl, shared: answering('archive') }, 'work');
  await queues.send('broker', [{}]);
  await queues.send('work-inbox', [{}]);
  expect(seen).toEqual([
    'work http://127.0.0.1:4566/000000000002/broker',
    'archive http://127.0.0.1:4566/000000000001/work-inbox',
  ]);
});
