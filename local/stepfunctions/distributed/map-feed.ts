import { located, StateFailure, toFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Json } from '../json.ts';
import { Unanswered } from '../jsonata/question.ts';
import { WORK_AT_ONCE } from '../meter.ts';
import type { SelectedItem } from '../model.ts';
import { seededUuid } from '../random.ts';
import { redrivenRecord } from '../redrive/redriven-record.ts';
import type { Execution } from '../registry.ts';
import { Breath } from '../rounds.ts';
import { inputOf } from '../states/items.ts';
import type { Answer as ExpressionAnswer } from '../stimulus.ts';
import { newTurn } from '../turn.ts';
import { type Batch, batches } from './batches.ts';
import { collectResults } from './collect-results.ts';
import { itemsOfRequest } from './item-reader.ts';
import type { MapRequest } from './map-request.ts';
import { childrenOf, isExceeded, type MapRun } from './map-run.ts';
import { writeResults } from './result-writer.ts';

/** AWS's limit on the children that run at once. */
const MAX_CONCURRENCY = 10_000;
/** So many children start before the journal is waited for, so that items are read no faster than they are kept. */
const STARTS_A_SYNC = 100;
const AGAIN_MS = 1000;

type Select = (item: SelectedItem, answers: readonly ExpressionAnswer[]) => Json;

/** What the parent is told. */
type Answer = { readonly output: Json } | { readonly failure: StateFailure };

/** Reads the items of one map run, starts its children while there is room for them, and tells the parent how it ended. */
export class MapFeed {
  readonly #host: Host;
  readonly #run: MapRun;
  readonly #request: MapRequest;
  readonly #ended = new AbortController();
  #isOver = false;
  #isWhole: boolean;
  #unsynced = 0;

  constructor(host: Host, run: MapRun, request: MapRequest) {
    this.#host = host;
    this.#run = run;
    this.#request = request;
    this.#isWhole = request.items !== undefined;
  }

  /** Runs to the end of the map run; never rejects. */
  async drive(): Promise<void> {
    const answer = await this.#feed().catch((thrown: unknown): Answer => ({ failure: this.#located(thrown) }));
    if (this.#isOver) return;
    if ('failure' in answer) await this.#stopChildren();
    const written = await this.#written(answer).catch(
      (thrown: unknown): Answer => ('failure' in answer ? answer : { failure: this.#located(thrown) }),
    );
    if (this.#isOver) return;
    const { parent, pending } = this.#run;
    const { serial } = parent.identity;
    this.close();
    if ('output' in written) this.#host.deliver(serial, { type: 'succeeded', pending, output: written.output });
    else {
      const { error, reason } = written.failure;
      this.#host.deliver(serial, { type: 'failed', pending, error, cause: reason });
    }
  }

  /** Ends the map run with its children, because nobody waits for it any more. */
  abort(): void {
    this.close();
    this.#stopRunning();
  }

  /** Leaves everything as it is: the engine stops. */
  close(): void {
    this.#isOver = true;
    this.#ended.abort();
    this.#run.changed?.();
    this.#run.changed = undefined;
  }

  async #feed(): Promise<Answer> {
    for (const child of [...this.#run.toRedrive]) {
      await this.#until(() => this.#hasRoom());
      if (this.#mustEnd()) break;
      await this.#redrive(child);
    }
    for await (const batch of batches(this.#items(), this.#run.itemsStarted, this.#request.batch)) {
      await this.#until(() => this.#hasRoom());
      if (this.#mustEnd()) break;
      await this.#start(batch);
    }
    this.#isWhole ||= !this.#mustEnd();
    await this.#until(() => this.#run.childCounts.RUNNING === 0 || this.#mustEnd());
    if (!isExceeded(this.#run, this.#isWhole)) return { output: null };
    const reason = 'The specified tolerated failure threshold was exceeded';
    return { failure: new StateFailure('States.ExceedToleratedFailureThreshold', reason) };
  }

  /** The items from where the children's end, each as ItemSelector makes it. */
  async *#items(): AsyncGenerator<Json> {
    const run = this.#run;
    const select = this.#selector();
    const first = run.itemsStarted;
    let index = 0;
    const items = itemsOfRequest(this.#host.context.objects, this.#request);
    const breath = new Breath();
    for await (const { value: item, key: itemKey, source: itemSource } of items) {
      if (breath.isDue) await breath.take();
      if (index >= first) yield await this.#selected(select, { item, itemKey, itemSource, index });
      index += 1;
      run.itemsRead = Math.max(run.itemsRead, index);
    }
  }

  /** What ItemSelector makes of an item, when its expressions have been answered. */
  async #selected(select: Select, item: SelectedItem): Promise<Json> {
    let answers: readonly ExpressionAnswer[] = [];
    for (;;) {
      try {
        return select(item, answers);
      } catch (thrown) {
        if (!(thrown instanceof Unanswered)) throw thrown;
        answers = [...answers, ...(await this.#host.evaluate(thrown.question, this.#ended.signal))];
      }
    }
  }

  #selector(): Select {
    const { parent, pending } = this.#run;
    const thread = parent.run?.pending.get(pending);
    const select = thread?.state.distributed?.select;
    if (!select || !parent.run) return ({ item, itemKey }) => inputOf(item ?? null, itemKey);
    // Of a copy of the run: what is drawn here is in the children's inputs, and must not move the parent's own numbers.
    const { context, registry } = this.#host;
    const stage = { atMs: context.clock.nowMs(), secret: registry.secret, work: WORK_AT_ONCE };
    const turn = newTurn({ ...parent.run }, stage);
    return (item, answers) => select(turn, thread, item, answers);
  }

  #located(thrown: unknown): StateFailure {
    const { parent, pending } = this.#run;
    const thread = parent.run?.pending.get(pending);
    return located(toFailure(thrown), this.#run.stateName, thread?.enteredEventId ?? 0);
  }

  #mustEnd(): boolean {
    return this.#isOver || isExceeded(this.#run, this.#isWhole);
  }

  #hasRoom(): boolean {
    const most = this.#run.limits.maxConcurrency || MAX_CONCURRENCY;
    return this.#run.childCounts.RUNNING < Math.min(most, MAX_CONCURRENCY) || this.#mustEnd();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!this.#isOver && !isSo()) {
      await new Promise<void>((resolve) => {
        this.#run.changed = resolve;
      });
    }
  }

  async #start(batch: Batch): Promise<void> {
    const name = seededUuid(`${this.#run.id}/${childrenOf(this.#run)}`);
    const child = { name, input: JSON.stringify(batch.input), parsed: batch.input, itemCount: batch.itemCount };
    this.#unsynced += 1;
    try {
      const { synced } = this.#host.startChild(this.#run, child);
      if (this.#unsynced % STARTS_A_SYNC === 0) await synced;
    } catch {
      await this.#rest();
      if (!this.#mustEnd()) await this.#start(batch);
    }
  }

  async #redrive(child: Execution): Promise<void> {
    const record = await redrivenRecord(this.#host, child);
    while (!this.#mustEnd()) {
      try {
        this.#host.redrive(child, { ...record, atMs: this.#host.context.clock.nowMs() }).catch(() => undefined);
        return;
      } catch {
        await this.#rest();
      }
    }
  }

  /** The journal takes nothing now; it goes on by itself when it can. */
  async #rest(): Promise<void> {
    const { clock } = this.#host.context;
    await new Promise<void>((resolve) => {
      clock.at(clock.nowMs() + AGAIN_MS, resolve);
      this.#run.changed = resolve;
    });
  }

  #stopRunning(): void {
    for (const { run, identity } of this.#run.children) if (run) this.#host.deliver(identity.serial, { type: 'stop' });
  }

  async #stopChildren(): Promise<void> {
    this.#stopRunning();
    await this.#until(() => this.#run.childCounts.RUNNING === 0);
  }

  /** Results go to the writer also when the map run has failed; without one they are the Map's own. */
  async #written(answer: Answer): Promise<Answer> {
    const { writer } = this.#request;
    if (writer?.target) {
      const output = await writeResults(this.#host, this.#run, writer);
      return 'failure' in answer ? answer : { output };
    }
    if ('failure' in answer) return answer;
    return { output: await collectResults(this.#host, this.#run, writer?.transformation ?? 'COMPACT') };
  }
}
