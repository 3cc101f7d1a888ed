import type { Clock } from '#ports/clock';
import type { FunctionCode } from '../function-code.ts';
import type { FunctionLog } from '../function-log.ts';
import type { FunctionSpec, InvocationReport } from '../runner.ts';
import type { RuntimeClient } from '../runtime/runtime-client.ts';
import type { Instance } from './instance.ts';
import type { Whereabouts } from './launch.ts';
import type { RuntimeInvocation } from './runtime-api.ts';

/** How one invocation ended. */
export type Ended = {
  readonly isFailure: boolean;
  readonly payload: string;
  readonly logTail: string;
  readonly report: InvocationReport;
};

/** An invocation for an instance; its deadline is counted from the moment the runtime gets it. */
export type Task = Omit<RuntimeInvocation, 'deadlineMs'>;

/** What an instance is made of. */
export type InstanceOptions = {
  readonly id: string;
  readonly host: string;
  readonly spec: FunctionSpec;
  readonly code: FunctionCode;
  readonly log: FunctionLog;
  readonly clock: Clock;
  readonly whereabouts: Whereabouts;
  readonly client: RuntimeClient;
  readonly compileCache?: string | undefined;
  /** How long the start of a runtime may take. */
  readonly initTimeoutS: number;
  /** It waits for an invocation. */
  readonly onIdle: (instance: Instance) => void;
  /** It is gone, and so is all that it started. */
  readonly onEnd: (instance: Instance, isCrash: boolean) => void;
};
