import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { isNamed, isNoQueue } from '#lib/is-named';
import type { Clock } from '#ports/clock';
import type { QueueDepth } from '#schema/status';
import type { PlaceReport } from './place.ts';
import { askService, type StackService, type Within } from './stack-question.ts';

/** What is counted, and where. */
type Counted = {
  readonly sqs: SQSClient;
  readonly sfn: SFNClient;
  /** Queues of the plane's own account, without those of dead letters. */
  readonly queues: readonly string[];
  readonly queueUrl: (queue: string) => string;
  readonly machineArns: readonly string[];
  /** Whether what the stack has is what the plane left there. */
  readonly isRemembered: (options: Within) => Promise<boolean>;
  /** What the plane needs beside queues and state machines. */
  readonly services: readonly StackService[];
  readonly clock: Clock;
  /** What stands under `health` beside what is missing. */
  readonly about: { readonly stack: string; readonly endpoint: string };
};

/** Dead letters come seldom, and cost as many calls as all other queues. */
const deadLettersEveryMs = 30_000;
/** Counting takes at most a third of the time, unless the services are so slow that nobody could wait for it. */
const restPerWork = 2;
const longestRestMs = 2_000;
/** Services that have not told all after so long are away, be it that they stand still: whoever asks waits for 10 s. */
const answerWithinMs = 3_000;
const perPage = 1000;
const AttributeNames: ('ApproximateNumberOfMessages' | `ApproximateNumberOfMessages${'NotVisible' | 'Delayed'}`)[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

const depthOf = async ({ sqs, queueUrl }: Counted, queue: string, within: Within): Promise<QueueDepth | undefined> => {
  try {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames }),
      within,
    );
    const [visible, inFlight, delayed] = AttributeNames.map((name) => Number(Attributes[name] ?? 0));
    return { visible: visible ?? 0, inFlight: inFlight ?? 0, delayed: delayed ?? 0 };
  } catch (thrown) {
    if (isNoQueue(thrown)) return undefined;
    throw thrown;
  }
};

/** How many executions of a machine run; undefined if there is no such machine. */
const runningOf = async ({ sfn }: Counted, stateMachineArn: string, within: Within): Promise<number | undefined> => {
  let count = 0;
  let nextToken: string | undefined;
  try {
    do {
      const page = { statusFilter: 'RUNNING', maxResults: perPage, nextToken } as const;
      const answer = await sfn.send(new ListExecutionsCommand({ stateMachineArn, ...page }), within);
      count += answer.executions?.length ?? 0;
      nextToken = answer.nextToken;
    } while (nextToken !== undefined);
    return count;
  } catch (thrown) {
    if (isNamed(thrown, 'StateMachineDoesNotExist')) return undefined;
    throw thrown;
  }
};

type Depths = ReadonlyMap<string, QueueDepth | undefined>;

const depthsOf = async (counted: Counted, queues: readonly string[], within: Within): Promise<Depths> =>
  new Map(
    await Promise.all(
      queues.map(
        async (queue): Promise<[string, QueueDepth | undefined]> => [queue, await depthOf(counted, queue, within)],
      ),
    ),
  );

const isEmpty = (depths: Depths): boolean =>
  [...depths.values()].every((depth) => depth === undefined || depth.visible + depth.inFlight + depth.delayed === 0);

/** Names of what is not there. */
const lackingOf = (found: ReadonlyMap<string, unknown>): string[] =>
  [...found].flatMap(([name, value]) => (value === undefined ? [name] : []));

const present = (depths: Depths): [string, QueueDepth][] =>
  [...depths].flatMap(([queue, depth]): [string, QueueDepth][] => (depth === undefined ? [] : [[queue, depth]]));

/**
 * Counts queues first, then executions; an execution that ended in between has sent what it sends, so queues that were
 * empty are counted again.
 */
const createCount = (counted: Counted): ((within: Within) => Promise<PlaceReport>) => {
  const { queues, machineArns, isRemembered, clock, about } = counted;
  const deadLetterQueues = queues.map((queue) => `${queue}-dlq`);
  let deadLetters: { readonly depths: Depths; readonly atMs: number } | undefined;
  const countDeadLetters = async (within: Within): Promise<Depths> => {
    if (deadLetters === undefined || clock.nowMs() - deadLetters.atMs >= deadLettersEveryMs)
      deadLetters = { depths: await depthsOf(counted, deadLetterQueues, within), atMs: clock.nowMs() };
    return deadLetters.depths;
  };
  return async (within) => {
    const before = await depthsOf(counted, queues, within);
    const running = new Map<string, number | undefined>();
    for (const arn of machineArns)
      running.set(arn.slice(arn.lastIndexOf(':') + 1), await runningOf(counted, arn, within));
    const runningExecutions = [...running.values()].reduce<number>((sum, count = 0) => sum + count, 0);
    const depths = runningExecutions === 0 && isEmpty(before) ? await depthsOf(counted, queues, within) : before;
    const dead = await countDeadLetters(within);
    const missing = [...lackingOf(depths), ...lackingOf(running)];
    const isWhole = missing.length === 0 && (await isRemembered(within));
    return {
      // Of a stack that has lost what ran nobody can say that nothing runs.
      ...(isWhole ? { runningExecutions } : {}),
      queues: Object.fromEntries([...present(depths), ...present(dead)]),
      health: { ...about, isWhole, missing },
    };
  };
};

/** Counts, and says which services do not answer. */
const createLook = (counted: Counted, withinMs: number): (() => Promise<PlaceReport>) => {
  const { about, services } = counted;
  const counting = { what: 'queues and state machines', endpoint: about.endpoint, ask: createCount(counted) };
  return async () => {
    const asked = Promise.all(services.map((service) => askService(service, withinMs)));
    const count = await askService(counting, withinMs);
    const servicesAway = [count, ...(await asked)].flatMap((one) => ('away' in one ? [one.away] : []));
    const report = 'answer' in count ? count.answer : { health: about };
    return servicesAway.length === 0 ? report : { ...report, servicesAway };
  };
};

/** Counts what a plane has at its services. Whoever asks gets a count that began after that; those who ask at once share it. */
export const createStackReport = (counted: Counted, withinMs = answerWithinMs): (() => Promise<PlaceReport>) => {
  const { clock } = counted;
  const look = createLook(counted, withinMs);
  let restUntilMs = 0;
  let running: Promise<PlaceReport> | undefined;
  let next: Promise<PlaceReport> | undefined;
  const rested = (): Promise<void> =>
    new Promise((resolve) => {
      if (clock.nowMs() >= restUntilMs) resolve();
      else clock.at(restUntilMs, resolve);
    });
  const begin = (): Promise<PlaceReport> => {
    next = undefined;
    const beganMs = clock.nowMs();
    running = look().finally(() => {
      restUntilMs = clock.nowMs() + Math.min(longestRestMs, (clock.nowMs() - beganMs) * restPerWork);
      running = undefined;
    });
    return running;
  };
  return () => {
    next ??= Promise.resolve(running)
      .then(
        () => undefined,
        () => undefined,
      )
      .then(rested)
      .then(begin);
    return next;
  };
};
