import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onLoopback } from './on-loopback.ts';

/** A proxy that lets so many calls through and then none, as a process that dies between two of its calls. */
export type StoppingProxy = {
  readonly url: string;
  /** Whether a call met the end. */
  readonly isStopped: () => boolean;
  readonly close: () => Promise<void>;
};

/** Starts it; the last call is done, or not, but nobody hears of it. */
export const aStoppingProxy = async (target: string, calls: number, isLastDone: boolean): Promise<StoppingProxy> => {
  let left = calls;
  const server = createServer((incoming, response) => {
    left -= 1;
    const isHeard = left >= 0;
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      if (!isHeard && !(left === -1 && isLastDone)) return void response.destroy();
      const { method, headers } = incoming;
      const onward = request(`${target}${incoming.url ?? '/'}`, { method, headers }, (answer) => {
        if (isHeard) answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
        else answer.resume().once('end', () => response.destroy());
      });
      onward.once('error', () => response.destroy());
      onward.end(body);
    };
    pass().catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  return { url, isStopped: () => left < 0, close };
};
