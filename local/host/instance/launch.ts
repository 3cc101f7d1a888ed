import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { FunctionCode } from '../function-code.ts';
import type { FunctionSpec } from '../runner.ts';
import type { RuntimeClient } from '../runtime/runtime-client.ts';
import { hostMark, instanceMark, markOf } from './processes.ts';

/** The account and region that functions find themselves in. */
export type Whereabouts = { readonly region: string; readonly account: string };

/** What one instance is started with. */
export type Launch = {
  readonly instance: string;
  readonly host: string;
  readonly spec: FunctionSpec;
  readonly code: FunctionCode;
  readonly runtimeApi: string;
  readonly client: RuntimeClient;
  readonly whereabouts: Whereabouts;
  /** Where V8 keeps what it compiled, so that the second instance of a code starts faster. */
  readonly compileCache?: string | undefined;
};

/** The only version that a function has here. */
export const version = '$LATEST';

/** Parts of a function's memory that V8's generations may take; the rest is for buffers and the runtime itself. */
const oldSpacePart = 0.8;
const semiSpacePart = 0.05;

const environmentOf = ({ instance, host, spec, code, runtimeApi, whereabouts, compileCache }: Launch) => ({
  PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
  ...spec.environment,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
  AWS_LAMBDA_FUNCTION_NAME: spec.name,
  AWS_LAMBDA_FUNCTION_VERSION: version,
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: instance,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_DEFAULT_REGION: whereabouts.region,
  AWS_REGION: whereabouts.region,
  LAMBDA_TASK_ROOT: code.folder,
  _HANDLER: code.handler,
  [hostMark]: host,
  [instanceMark]: markOf(host, instance),
});

/** Starts the runtime of an instance: a process group and session of its own, with nothing of this process's environment. */
export const launchRuntime = (launch: Launch): ChildProcess => {
  const { memoryMb } = launch.spec;
  const heap = [
    `--max-old-space-size=${Math.floor(memoryMb * oldSpacePart)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * semiSpacePart))}`,
  ];
  return spawn(process.execPath, [...heap, launch.client.path, launch.code.handler], {
    cwd: launch.code.folder,
    env: environmentOf(launch),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};
