/** Lets the loop turn: requests, heartbeats and timers come in between. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
