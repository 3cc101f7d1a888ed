import { backlogLimitBytes } from './runner.ts';

/** How much of the machine a host may take, and how it treats what waits. */
export type HostLimits = {
  /** Instances that live at once, of all functions; one at work keeps about 60 MB and, while it computes, a core. */
  readonly instances: number;
  /** Calls that may wait for an instance; one more is refused. */
  readonly waiting: number;
  /** What those may hold together, in bytes. */
  readonly waitingBytes: number;
  /** How long a call may wait; 0 refuses at once, as AWS does, whose machines are more than this one. */
  readonly waitS: number;
  /** An instance without work for so long gets no processor time until its next call. */
  readonly freezeAfterS: number;
  /** An instance without work for so long is ended. */
  readonly idleS: number;
  /** The start of a runtime may take so long: AWS's 10 s are for machines that start nothing else. */
  readonly initTimeoutS: number;
};

/** What a host on a small machine starts with. */
export const defaultLimits: HostLimits = {
  instances: 16,
  waiting: 1000,
  waitingBytes: backlogLimitBytes,
  waitS: 30,
  freezeAfterS: 5,
  idleS: 300,
  initTimeoutS: 30,
};
