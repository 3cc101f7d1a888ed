import { PapilioError } from '#lib/errors';

/** What one call carries, and so one message. */
export const bytesPerCall = 262_144;

/** A value as the text of a message. SQS carries neither U+FFFE nor U+FFFF; escaped, they are the same JSON. */
export const messageText = (body: unknown): string =>
  JSON.stringify(body).replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

const textOf = (queue: string, body: unknown): string => {
  try {
    return messageText(body);
  } catch (thrown) {
    throw new PapilioError('input-invalid', `queue ${queue}: a body is no JSON`, thrown);
  }
};

/**
 * Bodies as texts that a queue takes, each beside so many bytes more of its message.
 * @throws message-too-large, input-invalid: before anything is sent
 */
export const messageTexts = (queue: string, bodies: readonly unknown[], besideBytes = 0): string[] => {
  const texts = bodies.map((body) => textOf(queue, body));
  for (const text of texts) {
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes + besideBytes > bytesPerCall)
      throw new PapilioError('message-too-large', `queue ${queue}: ${sizeBytes} bytes`);
  }
  return texts;
};
