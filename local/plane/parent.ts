/** The supervisor, as a plane sees it over its pipe. */
export type Parent = {
  readonly ready: () => void;
  readonly close: () => void;
};

const everyMs = 500;

const tell = (kind: 'heartbeat' | 'ready'): void => {
  // A pipe that broke between two heartbeats ends the process by its `disconnect`, not by an exception.
  if (process.connected) process.send?.({ kind }, undefined, undefined, () => undefined);
};

/** Beats from the loop, so that a loop that stands still is noticed; calls `onGone` when the supervisor is no more. */
export const joinParent = (onGone: () => void): Parent => {
  if (process.send === undefined) return { ready: () => undefined, close: () => undefined };
  const beat = setInterval(() => tell('heartbeat'), everyMs);
  tell('heartbeat');
  process.once('disconnect', onGone);
  // It may have gone while this process was still loading.
  if (!process.connected) onGone();
  return {
    ready: () => tell('ready'),
    close: () => {
      clearInterval(beat);
      process.removeListener('disconnect', onGone);
      if (process.connected) process.disconnect();
    },
  };
};
