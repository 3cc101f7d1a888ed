import { UsageError } from './failure.ts';
import type { Io } from './io.ts';

/** All that is piped in, as text. @throws UsageError at a terminal, where somebody would have to type it */
export const readStdin = async ({ in: input }: Io): Promise<string> => {
  if (input === undefined || input.isTTY) throw new UsageError('nothing is piped in', 'papilio … < FILE');
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString('utf8');
};
