import { AwsError } from '../engine/part.ts';
import { called, found, invoked, messageOf, sent } from './answers.ts';
import { describeEnded } from './describe.ts';
import { MapFeed } from './distributed/map-feed.ts';
import type { Host } from './host.ts';
import { arnOf } from './identity.ts';
import { parseJson } from './json.ts';
import { checkType, targetOf } from './machines/target.ts';
import { checkName } from './names.ts';
import type { Execution } from './registry.ts';
import type { Request } from './request.ts';
import { type TaskFailure, thrownFailure } from './resources/call-failure.ts';
import { traceparentOf } from './trace-context.ts';

type Of<T extends Request['type']> = Extract<Request, { type: T }>;

const AGAIN_MS = 1000;

/** The engine's own answer while its disk is full. */
const isBusy = (error: unknown): boolean => error instanceof AwsError && error.status === 503;

const failureAs =
  (error: string) =>
  (thrown: unknown): TaskFailure => ({ error, cause: messageOf(thrown) });

/** Performs what executions ask for, at least once; their answers come back as stimuli. */
export class Effects {
  readonly #host: Host;
  #isClosed = false;
  /** By the execution's serial and what it waits for. */
  readonly #inFlight = new Map<string, AbortController>();
  readonly #children = new Map<string, Execution>();
  readonly #feeds = new Map<string, MapFeed>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Performs a request unless it was cancelled in the meantime. */
  perform(execution: Execution, pending: number, request: Request): void {
    if (execution.run?.pending.get(pending)?.pending?.request !== request) return;
    if (request.type === 'evaluate') this.#evaluate(execution, pending, request);
    else if (request.type === 'invoke') this.#invoke(execution, pending, request);
    else if (request.type === 'call') this.#call(execution, pending, request);
    else if (request.type === 'send') this.#send(execution, pending, request);
    else if (request.type === 'findActivity') this.#findActivity(execution, pending, request);
    else if (request.type === 'activity') this.#offer(execution, pending, request);
    else if (request.type === 'mapRun') this.#feedMap(execution, pending, request);
    else this.#start(execution, pending, request);
  }

  /** Ends an effect that nobody waits for any more. */
  cancel(serial: number, pending: number): void {
    const key = `${serial}/${pending}`;
    this.#inFlight.get(key)?.abort();
    this.#inFlight.delete(key);
    this.#feeds.get(key)?.abort();
    this.#feeds.delete(key);
    const child = this.#children.get(key);
    this.#children.delete(key);
    if (child?.run) {
      const cause = 'The execution that waited for this one has ended or given up.';
      this.#host.deliver(child.identity.serial, { type: 'stop', cause });
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#inFlight.clear();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  /** Work that a worker has taken is not on offer any more. */
  #offer(execution: Execution, pending: number, work: Of<'activity'>): void {
    const isTaken = execution.run?.pending.get(pending)?.pending?.isSubmitted;
    if (!isTaken) this.#host.activities.offer({ execution, pending, work });
  }

  #findActivity(execution: Execution, pending: number, request: Of<'findActivity'>): void {
    const { serial } = execution.identity;
    const find = async (): Promise<void> => this.#host.deliver(serial, await found(this.#host, request, pending));
    this.#answer(find, serial, pending, failureAs('States.Runtime'));
  }

  #feedMap(execution: Execution, pending: number, request: Of<'mapRun'>): void {
    const key = `${execution.identity.serial}/${pending}`;
    const run = execution.mapRuns?.find(({ id }) => id === request.id);
    if (!run || this.#feeds.has(key)) return;
    const feed = new MapFeed(this.#host, run, request);
    this.#feeds.set(key, feed);
    feed.drive().then(
      () => this.#feeds.delete(key),
      () => undefined,
    );
  }

  #evaluate(execution: Execution, pending: number, request: Of<'evaluate'>): void {
    const { serial } = execution.identity;
    const controller = new AbortController();
    this.#inFlight.set(`${serial}/${pending}`, controller);
    const call = async (): Promise<void> => {
      const answers = await this.#host.evaluate(request, controller.signal);
      this.#host.deliver(serial, { type: 'evaluated', pending, answers: [...answers] });
    };
    this.#answer(call, serial, pending, failureAs('States.Runtime'), controller.signal);
  }

  #invoke(execution: Execution, pending: number, request: Of<'invoke'>): void {
    const { identity } = execution;
    const { serial } = identity;
    const key = `${serial}/${pending}`;
    const controller = new AbortController();
    this.#inFlight.set(key, controller);
    const call = async (): Promise<void> => {
      const { signal } = controller;
      const asked = { ...this.#tryOf(execution, pending), signal };
      this.#host.deliver(serial, await invoked(this.#host.context, request, asked));
    };
    this.#answer(call, serial, pending, failureAs('Lambda.SdkClientException'), controller.signal);
  }

  #tryOf(execution: Execution, pending: number) {
    const { context, registry } = this.#host;
    const invocationId = `${arnOf(execution.identity)}/${pending}`;
    const traceparent = context.isTraced ? traceparentOf(registry, execution, pending) : undefined;
    return { pending, invocationId, ...(traceparent !== undefined && { traceparent }) };
  }

  #call(execution: Execution, pending: number, request: Of<'call'>): void {
    const { identity } = execution;
    const controller = new AbortController();
    this.#inFlight.set(`${identity.serial}/${pending}`, controller);
    const call = async (): Promise<void> => {
      const { signal } = controller;
      // Services remember what they were asked for by a token: another execution of the same name has tokens of its own.
      const invocationId = `${arnOf(identity)}/${identity.startedAtMs}/${pending}`;
      const asked = { ...this.#tryOf(execution, pending), invocationId, signal };
      this.#host.deliver(identity.serial, await called(this.#host.context, request, asked));
    };
    this.#answer(call, identity.serial, pending, failureAs('States.TaskFailed'), controller.signal);
  }

  #send(execution: Execution, pending: number, request: Of<'send'>): void {
    const { serial } = execution.identity;
    const call = async (): Promise<void> =>
      this.#host.deliver(serial, await sent(this.#host.context, request, pending));
    const seed = `${arnOf(execution.identity)}/${pending}`;
    this.#answer(call, serial, pending, (error) => thrownFailure('sqs', error, seed));
  }

  /** Runs a call; what it throws becomes a failure of the task, unless nobody waits for it. */
  #answer(
    call: () => Promise<void>,
    serial: number,
    pending: number,
    failureOf: (error: unknown) => TaskFailure,
    signal?: AbortSignal,
  ): void {
    const key = `${serial}/${pending}`;
    call()
      .catch((error: unknown) => {
        if (signal?.aborted) return;
        if (isBusy(error)) return this.#later(serial, pending);
        this.#host.deliver(serial, { type: 'failed', pending, ...failureOf(error) });
      })
      .finally(() => {
        if (this.#inFlight.get(key)?.signal === signal) this.#inFlight.delete(key);
      })
      .catch(() => undefined);
  }

  /** Performs a request again in a while: what it needs cannot write now, which is no fault of the execution. */
  #later(serial: number, pending: number): void {
    const { clock } = this.#host.context;
    clock.at(clock.nowMs() + AGAIN_MS, () => {
      const execution = this.#host.registry.execution(serial);
      const request = execution?.run?.pending.get(pending)?.pending?.request;
      if (execution && request && !this.#isClosed) this.perform(execution, pending, request);
    });
  }

  #start(execution: Execution, pending: number, request: Of<'start'>): void {
    const { serial } = execution.identity;
    this.#answer(
      async () => {
        const child = await this.#childOf(execution, pending, request);
        this.#submitted(serial, pending, child);
        if (request.awaits === 'end' && child.run) this.#children.set(`${serial}/${pending}`, child);
        this.report(child);
      },
      serial,
      pending,
      (error) => thrownFailure('sfn', error, `${arnOf(execution.identity)}/${pending}`),
    );
  }

  /**
   * Starts a child, or finds the one that this very wait has started before; where nobody waits for its end also one that
   * runs by the same name on the same input, as StartExecution does.
   */
  async #childOf({ identity }: Execution, pending: number, request: Of<'start'>): Promise<Execution> {
    const { serial, expressId } = identity;
    const target = targetOf(this.#host, request.machineArn, request.name);
    if (request.awaits === 'end') checkType(target.entry, 'STANDARD');
    const former = target.entry.executions.get(request.name);
    if (former?.parent?.serial === serial && former.parent.pending === pending) return former;
    if (request.awaits !== 'end' && former?.run && former.identity.inputText === request.input) return former;
    if (former) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arnOf(former.identity)}'`);
    checkName(request.name);
    const parsed = parseJson(request.input);
    if (parsed === undefined) throw new AwsError('InvalidExecutionInput', 'The input is not valid JSON');
    const parent = { serial, pending, awaits: request.awaits };
    // What a parent is told stands behind this start in the journal, and one sync makes both durable; not so an express one.
    const { execution, synced } = this.#host.start(target, {
      name: request.name,
      input: request.input,
      parsed,
      parent,
    });
    if (expressId !== undefined) await synced;
    return execution;
  }

  /** Tells who waits that a child has started; false if nobody does. */
  #submitted(serial: number, pending: number, { identity }: Execution): boolean {
    const waiting = this.#host.registry.execution(serial)?.run?.pending.get(pending)?.pending;
    if (!waiting?.request) return false;
    if (!waiting.isSubmitted) {
      const output = { ExecutionArn: arnOf(identity), StartDate: identity.startedAtMs / 1000 };
      this.#host.deliver(serial, { type: 'succeeded', pending, output });
    }
    return true;
  }

  /** Tells the parent that its child has started or ended; repeats are harmless. */
  report(child: Execution): void {
    const { parent } = child;
    if (!parent) return;
    const { serial, pending } = parent;
    if (!this.#submitted(serial, pending, child)) return;
    if (parent.awaits !== 'end' || !child.outcome) return;
    this.#children.delete(`${serial}/${pending}`);
    describeEnded(this.#host, child).then(
      (output) => this.#host.deliver(serial, { type: 'childEnded', pending, output }),
      () =>
        this.#host.deliver(serial, {
          type: 'failed',
          pending,
          error: 'States.TaskFailed',
          cause: 'The result is no longer kept',
        }),
    );
  }
}
