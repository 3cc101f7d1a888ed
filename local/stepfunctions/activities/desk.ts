import { AwsError } from '../../engine/part.ts';
import type { Host } from '../host.ts';
import { taskToken } from '../turn.ts';
import { noActivity } from './activity-of.ts';
import { type Offer, Offers } from './offers.ts';

/** What a worker is told: its task, or nothing. */
type Told = { readonly taskToken?: string; readonly input?: string };

/** A task that is a worker's as soon as the turn which says so is durable. */
type Given = Offer & { readonly synced: Promise<void> };

/** A worker that waits for work; `serve` says whether it has got some. */
type Poller = { readonly serve: () => boolean; readonly end: (error?: AwsError) => void };

type Place = { readonly offers: Offers; readonly pollers: Set<Poller> };

/** How long a question for work is held. */
const POLL_MS = 60_000;
/** AWS's limit on the workers that wait at one activity. */
const MAX_POLLERS = 1000;

/**
 * Where the tasks of activities and their workers find each other, first come, first served. Nothing here is durable:
 * what is on offer follows from what executions wait for, and that a task was taken is a turn of its execution.
 */
export class ActivityDesk {
  readonly #host: Host;
  /** By the activity's ARN. */
  readonly #places = new Map<string, Place>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Offers a task to the workers of its activity. */
  offer(offer: Offer): void {
    const { offers, pollers } = this.#placeOf(offer.work.activityArn);
    offers.add(offer);
    for (const poller of pollers) if (!poller.serve()) break;
  }

  /** Gives a worker a task, at once or when there is one; nothing if none comes in time. */
  async ask(activityArn: string, worker: string | undefined, signal?: AbortSignal): Promise<Told> {
    const place = this.#placeOf(activityArn);
    if (place.pollers.size >= MAX_POLLERS) {
      const problem = 'The maximum number of workers concurrently polling for activity tasks has been reached';
      throw new AwsError('ActivityWorkerLimitExceeded', `${problem}: '${activityArn}'`);
    }
    const given = this.#give(place, worker) ?? (await this.#wait(place, worker, signal));
    this.#tidy(activityArn);
    return given ? this.#tell(given, signal) : {};
  }

  /** Ends the waits at an activity that is no more. */
  dismiss(activityArn: string): void {
    for (const { end } of this.#places.get(activityArn)?.pollers ?? []) end(noActivity(activityArn));
  }

  close(): void {
    for (const { pollers } of this.#places.values()) for (const { end } of pollers) end();
  }

  #placeOf(activityArn: string): Place {
    const place = this.#places.get(activityArn) ?? { offers: new Offers(), pollers: new Set() };
    this.#places.set(activityArn, place);
    return place;
  }

  #tidy(activityArn: string): void {
    const place = this.#places.get(activityArn);
    if (place?.offers.size === 0 && place.pollers.size === 0) this.#places.delete(activityArn);
  }

  /** @throws if the journal takes no records; the task then stays on offer. */
  #give({ offers }: Place, worker: string | undefined): Given | undefined {
    const offer = offers.first();
    if (!offer) return undefined;
    const { execution, pending } = offer;
    const synced = this.#host.play(execution, { type: 'taken', pending, worker });
    offers.remove(offer);
    return synced && { ...offer, synced };
  }

  #wait(place: Place, worker: string | undefined, signal: AbortSignal | undefined): Promise<Given | undefined> {
    const { clock } = this.#host.context;
    const { promise, resolve, reject } = Promise.withResolvers<Given | undefined>();
    // At once, not when the promise is looked at: who has got a task must not be served another.
    const leave = (): void => {
      forget();
      signal?.removeEventListener('abort', giveUp);
      place.pollers.delete(poller);
    };
    const poller: Poller = {
      serve: () => {
        try {
          const given = this.#give(place, worker);
          if (!given) return false;
          resolve(given);
        } catch (error) {
          reject(error);
        }
        leave();
        return true;
      },
      end: (error) => {
        leave();
        if (error) reject(error);
        else resolve(undefined);
      },
    };
    const giveUp = (): void => poller.end();
    const forget = clock.at(clock.nowMs() + POLL_MS, giveUp);
    place.pollers.add(poller);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp);
    return promise;
  }

  /** Tells a worker of its task; one that has gone in the meantime gives it back. */
  async #tell({ execution, pending, work, synced }: Given, signal: AbortSignal | undefined): Promise<Told> {
    const { identity } = execution;
    await synced;
    if (signal?.aborted) {
      this.#host.deliver(identity.serial, { type: 'returned', pending });
      return {};
    }
    const { secret } = this.#host.registry;
    return { taskToken: taskToken(secret, identity, pending), input: JSON.stringify(work.input) };
  }
}
