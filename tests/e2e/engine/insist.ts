import { setTimeout as delay } from 'node:timers/promises';

const againMs = 25;

const lost = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

/** Whether an engine that was killed, is not up yet, or cannot write is the reason. */
const isAway = (error: unknown): boolean => {
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode');
  const isLost = fieldOf(error, 'name') === 'PeerAway' || lost.includes(String(fieldOf(error, 'code')));
  return isLost || (typeof status === 'number' && status >= 500);
};

/** Makes a call again and again until an engine has answered it; what it refuses is thrown. */
export const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isAway(error)) throw error;
      await delay(againMs);
    }
  }
};

/** As `insist`; gives the name of the error if the engine refuses the call. */
export const refusalOf = async (call: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await insist(call);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
};

/** Makes a call once; undefined if no engine has answered it, which may have carried it out all the same. */
export const askOnce = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await call();
  } catch (error) {
    if (!isAway(error)) throw error;
    return undefined;
  }
};
