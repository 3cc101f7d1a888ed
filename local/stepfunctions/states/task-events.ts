import type { Json } from '../json.ts';
import type { Thread, Turn } from '../model.ts';
import type { Integration } from '../resources/integration.ts';
import { countEvent } from '../turn.ts';

type Limits = { readonly timeoutS: number | undefined; readonly heartbeatS: number | undefined };

/** The events of a task's life; each is counted always and described only when the history is read. */
export type TaskEvents = {
  /** What did the work, as AWS names it where it gave too much. */
  readonly name: string;
  /** Returns the id of the event, by which the task is known. */
  readonly scheduled: (turn: Turn, thread: Thread, input: Json, limits: Limits) => number;
  readonly started: (turn: Turn, thread: Thread, worker?: string) => void;
  readonly submitted: (turn: Turn, thread: Thread, output: Json) => void;
  readonly succeeded: (turn: Turn, thread: Thread, output: Json) => void;
  readonly failed: (turn: Turn, thread: Thread, error: string | undefined, cause: string | undefined) => void;
  readonly timedOut: (turn: Turn, thread: Thread, error: string) => void;
};

const whole = { truncated: false } as const;

const limitFields = ({ timeoutS, heartbeatS }: Limits): object => ({
  ...(timeoutS !== undefined && { timeoutInSeconds: timeoutS }),
  ...(heartbeatS !== undefined && { heartbeatInSeconds: heartbeatS }),
});

const lambdaEvents = (resource: string): TaskEvents => ({
  name: resource,
  scheduled: (turn, thread, input, limits) => {
    const id = countEvent(turn, thread);
    turn.record?.({
      type: 'LambdaFunctionScheduled',
      lambdaFunctionScheduledEventDetails: {
        resource,
        input: JSON.stringify(input),
        inputDetails: whole,
        ...limitFields(limits),
      },
    });
    return id;
  },
  started: (turn, thread) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'LambdaFunctionStarted' });
  },
  submitted: () => undefined,
  succeeded: (turn, thread, output) => {
    countEvent(turn, thread);
    turn.record?.({
      type: 'LambdaFunctionSucceeded',
      lambdaFunctionSucceededEventDetails: { output: JSON.stringify(output), outputDetails: whole },
    });
  },
  failed: (turn, thread, error, cause) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'LambdaFunctionFailed', lambdaFunctionFailedEventDetails: { error, cause } });
  },
  timedOut: (turn, thread, error) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'LambdaFunctionTimedOut', lambdaFunctionTimedOutEventDetails: { error } });
  },
});

const activityEvents = (resource: string): TaskEvents => ({
  name: resource,
  scheduled: (turn, thread, input, limits) => {
    const id = countEvent(turn, thread);
    turn.record?.({
      type: 'ActivityScheduled',
      activityScheduledEventDetails: {
        resource,
        input: JSON.stringify(input),
        inputDetails: whole,
        ...limitFields(limits),
      },
    });
    return id;
  },
  started: (turn, thread, workerName) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'ActivityStarted', activityStartedEventDetails: { workerName } });
  },
  submitted: () => undefined,
  succeeded: (turn, thread, output) => {
    countEvent(turn, thread);
    turn.record?.({
      type: 'ActivitySucceeded',
      activitySucceededEventDetails: { output: JSON.stringify(output), outputDetails: whole },
    });
  },
  failed: (turn, thread, error, cause) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'ActivityFailed', activityFailedEventDetails: { error, cause } });
  },
  timedOut: (turn, thread, error) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'ActivityTimedOut', activityTimedOutEventDetails: { error } });
  },
});

type Names = { readonly resourceType: string; readonly resource: string };

const scheduledTask = (turn: Turn, names: Names, input: Json, limits: Limits): void =>
  turn.record?.({
    type: 'TaskScheduled',
    taskScheduledEventDetails: {
      ...names,
      region: turn.run.identity.home.region,
      parameters: JSON.stringify(input),
      ...limitFields(limits),
    },
  });

const genericEvents = (names: Names): TaskEvents => ({
  name: names.resourceType,
  scheduled: (turn, thread, input, limits) => {
    const id = countEvent(turn, thread);
    scheduledTask(turn, names, input, limits);
    return id;
  },
  started: (turn, thread) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'TaskStarted', taskStartedEventDetails: names });
  },
  submitted: (turn, thread, output) => {
    countEvent(turn, thread);
    turn.record?.({
      type: 'TaskSubmitted',
      taskSubmittedEventDetails: { ...names, output: JSON.stringify(output), outputDetails: whole },
    });
  },
  succeeded: (turn, thread, output) => {
    countEvent(turn, thread);
    turn.record?.({
      type: 'TaskSucceeded',
      taskSucceededEventDetails: { ...names, output: JSON.stringify(output), outputDetails: whole },
    });
  },
  failed: (turn, thread, error, cause) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'TaskFailed', taskFailedEventDetails: { ...names, error, cause } });
  },
  timedOut: (turn, thread, error) => {
    countEvent(turn, thread);
    turn.record?.({ type: 'TaskTimedOut', taskTimedOutEventDetails: { ...names, error } });
  },
});

/** The events that an integration shows. */
export const taskEvents = ({ events }: Integration, resource: string): TaskEvents => {
  if (events === 'LambdaFunction') return lambdaEvents(resource);
  return events === 'Activity' ? activityEvents(resource) : genericEvents(events);
};
