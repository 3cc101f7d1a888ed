import type { ChildProcess } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogTail, type LogTail } from '../function-log.ts';
import { type InvocationReport, responseLimitBytes } from '../runner.ts';
import {
  answerTooLarge,
  type Exit,
  exited,
  failureLines,
  failurePayload,
  notStarted,
  outOfMemory,
  type SandboxFailure,
  timedOut,
} from './failure-words.ts';
import { launchRuntime, version } from './launch.ts';
import type { Ended, InstanceOptions, Task } from './options.ts';
import { type Output, readOutput } from './output.ts';
import { instanceMark, killMarked, markOf, signalGroup } from './processes.ts';
import { reportLine, residentMb } from './report.ts';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';

type Current = Task & {
  readonly resolve: (ended: Ended) => void;
  readonly tail: LogTail;
  readonly isCold: boolean;
  startedMs?: number;
};

type Answer = { readonly payload: string; readonly isFailure: boolean; readonly errorType?: string };

/** `answered`: the function's answer is told, and its runtime has yet to ask for the next invocation. `ending`: it died idle. */
type Phase = 'starting' | 'idle' | 'busy' | 'answered' | 'ending' | 'ended';

/** One process that runs one function, one invocation at a time: what Lambda calls an execution environment. */
export class Instance {
  readonly id: string;
  readonly #options: InstanceOptions;
  readonly #startedMs: number;
  #phase: Phase = 'starting';
  #child: ChildProcess | undefined;
  #api: RuntimeApi | undefined;
  #output: Output | undefined;
  #current: Current | undefined;
  /** What the function answered; its caller is told when the runtime waits again, for then this instance is warm. */
  #answer: Answer | undefined;
  /** It has ended, and its caller is not yet told: lines that it wrote before are still to be read. */
  #untold: Current | undefined;
  #initMs: number | undefined;
  #maxMemoryMb = 0;
  #isFrozen = false;
  #idleSinceMs = 0;
  #cancelDeadline: (() => void) | undefined;
  /** Why it is being killed, in Lambda's words for this request. */
  #verdict: ((requestId: string) => SandboxFailure) | undefined;
  /** What the runtime said as it could not load the function. */
  #loadFailure: string | undefined;
  /** It was told to end and is no crash. */
  #isDismissed = false;
  readonly #gone = Promise.withResolvers<void>();

  constructor(options: InstanceOptions) {
    this.id = options.id;
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#limit(options.initTimeoutS);
    this.#start().catch((error: unknown) => this.#fail(error));
  }

  /** Its process, which is also its session. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isIdle(): boolean {
    return this.#phase === 'idle';
  }

  /** Since when it has had nothing to do. */
  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  /** Resolves when it is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Runs one invocation; one that is still starting takes it when it can. */
  run(task: Task): Promise<Ended> {
    return new Promise((resolve) => {
      this.#current = { ...task, resolve, tail: createLogTail(), isCold: this.#phase === 'starting' };
      if (this.#phase === 'idle') this.#begin();
    });
  }

  /** Lets it have no processor time until its next invocation, as Lambda does with what waits. */
  freeze(): void {
    const { pid } = this;
    if (!this.isIdle || this.#isFrozen || pid === undefined) return;
    this.#isFrozen = true;
    signalGroup(pid, 'SIGSTOP');
  }

  /** What it and what it started hold; beyond what its function may, it is killed. */
  weigh(memoryMb: number): void {
    this.#maxMemoryMb = Math.max(this.#maxMemoryMb, memoryMb);
    if (memoryMb > this.#options.spec.memoryMb) this.#kill(outOfMemory);
  }

  /** Ends it and all that it started; `gone` says when. */
  end(): void {
    this.#isDismissed = true;
    this.#kill();
  }

  async #start(): Promise<void> {
    const api = await openRuntimeApi({
      ready: () => this.#ready(),
      answered: (requestId, payload) => this.#settle(requestId, payload, false),
      failed: (requestId, payload) => this.#settle(requestId, payload, true),
      tooLarge: (requestId) => this.#settle(requestId, failurePayload(answerTooLarge(responseLimitBytes)), true),
      unloadable: (payload) => this.#unloadable(payload),
    });
    this.#api = api;
    if (this.#isDismissed) {
      this.#leave({ code: null, signal: 'SIGKILL' });
      return;
    }
    const child = launchRuntime({ ...this.#options, instance: this.id, runtimeApi: api.address });
    this.#child = child;
    child.once('exit', (code, signal) => this.#exited({ code, signal }));
    child.once('error', (error) => this.#fail(error));
    const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
    this.#output = readOutput(streams, this.#options.clock, (line) => this.#say(line));
  }

  /** No process could be made. */
  #fail(error: unknown): void {
    if (this.#child?.pid !== undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    const id = this.#current?.requestId ?? '';
    this.#finish({ payload: failurePayload(notStarted(id, reason)), isFailure: true });
    this.#leave({ code: null, signal: null });
  }

  #ready(): boolean {
    if (this.#phase !== 'starting' && this.#phase !== 'answered') return false;
    const nowMs = this.#options.clock.nowMs();
    if (this.#phase === 'starting') this.#initMs = nowMs - this.#startedMs;
    this.#cancelDeadline?.();
    this.#phase = 'idle';
    this.#idleSinceMs = nowMs;
    if (this.#answer !== undefined) this.#finish(this.#answer);
    this.#rest();
    return true;
  }

  /** Takes its next invocation, or says that it waits for one. */
  #rest(): void {
    if (this.#phase !== 'idle' || this.#untold !== undefined) return;
    if (this.#current === undefined) this.#options.onIdle(this);
    else this.#begin();
  }

  #begin(): void {
    const { pid } = this;
    if (this.#current === undefined) return;
    if (this.#isFrozen && pid !== undefined) signalGroup(pid, 'SIGCONT');
    this.#isFrozen = false;
    this.#phase = 'busy';
    this.#current.startedMs = this.#options.clock.nowMs();
    const { timeoutS } = this.#options.spec;
    this.#say(`START RequestId: ${this.#current.requestId} Version: ${version}`);
    this.#limit(timeoutS);
    this.#api?.hand({ ...this.#current, deadlineMs: this.#current.startedMs + timeoutS * 1000 });
  }

  #limit(timeoutS: number): void {
    const { clock } = this.#options;
    this.#cancelDeadline?.();
    this.#cancelDeadline = clock.at(clock.nowMs() + timeoutS * 1000, () =>
      this.#kill((requestId) => timedOut(requestId, timeoutS)),
    );
  }

  #settle(requestId: string, payload: string, isFailure: boolean): boolean {
    if (this.#phase !== 'busy' || this.#current?.requestId !== requestId) return false;
    this.#phase = 'answered';
    this.#answer = { payload, isFailure };
    return true;
  }

  #unloadable(payload: string): boolean {
    if (this.#phase !== 'starting') return false;
    this.#loadFailure = payload;
    return true;
  }

  #kill(verdict?: (requestId: string) => SandboxFailure): void {
    if (this.#phase === 'ended') return;
    this.#verdict ??= verdict;
    if (this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
  }

  async #exited(exit: Exit): Promise<void> {
    const { pid } = this;
    // No call may be given to it while what it started is looked for.
    if (this.#phase === 'idle') this.#phase = 'ending';
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    await killMarked(instanceMark, markOf(this.#options.host, this.id));
    // What was in the pipes is read in this turn of the loop; who else holds them must not keep the caller waiting.
    await nextTurn();
    this.#output?.close();
    this.#leave(exit);
  }

  /** Tells the caller of an instance that is gone: what the function answered before, or why it did not. */
  #conclude({ requestId }: Current, exit: Exit): void {
    if (this.#answer !== undefined) {
      this.#finish(this.#answer);
      return;
    }
    const failure = this.#verdict?.(requestId) ?? exited(requestId, exit);
    for (const line of failureLines(requestId, failure, this.#options.clock.nowMs())) this.#say(line);
    const payload = this.#loadFailure ?? failurePayload(failure);
    this.#finish({ payload, isFailure: true, errorType: failure.errorType });
  }

  #leave(exit: Exit): void {
    if (this.#phase === 'ended') return;
    if (this.#current !== undefined) this.#conclude(this.#current, exit);
    this.#phase = 'ended';
    this.#cancelDeadline?.();
    this.#api?.close();
    this.#options.onEnd(this, !this.#isDismissed);
    this.#gone.resolve();
  }

  /** Tells the caller, after the lines that the function wrote before its answer. */
  #finish({ payload, isFailure, errorType }: Answer): void {
    const current = this.#current;
    if (current === undefined) return;
    const report = this.#report(current);
    this.#current = undefined;
    this.#answer = undefined;
    this.#untold = current;
    setImmediate(() => {
      this.#say(`END RequestId: ${current.requestId}`);
      this.#say(reportLine(current.requestId, report, errorType));
      this.#untold = undefined;
      current.resolve({ isFailure, payload, logTail: current.tail.text(), report });
      this.#rest();
    });
  }

  #report({ startedMs, isCold }: Current): InvocationReport {
    const now = this.#options.clock.nowMs();
    if (this.pid !== undefined) this.#maxMemoryMb = Math.max(this.#maxMemoryMb, residentMb(this.pid));
    return {
      durationMs: startedMs === undefined ? 0 : now - startedMs,
      initMs: isCold ? (this.#initMs ?? now - this.#startedMs) : undefined,
      memoryMb: this.#options.spec.memoryMb,
      maxMemoryMb: Math.ceil(this.#maxMemoryMb),
    };
  }

  #say(text: string): void {
    const at = new Date(this.#options.clock.nowMs()).toISOString();
    this.#options.log.write({ at, instance: this.id, text });
    const { tail } = this.#untold ?? this.#current ?? {};
    tail?.add(text);
  }
}
