import * as z from 'zod';
import { bundles, jobs, placements } from '#lib/records';
import { Command } from '#schema/command';
import type { Job } from '#schema/job';
import { Place } from '#schema/job';
import { assignJobs } from '../../functions/brokerage/assign-jobs.fn.ts';
import { pollBundles } from '../../functions/facilities/poll-bundles.fn.ts';
import { submitBundle } from '../../functions/facilities/submit-bundle.fn.ts';
import { failJob } from '../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../functions/jobs/settle-jobs.fn.ts';
import { steerJobs } from '../../functions/jobs/steer-jobs.fn.ts';
import { Settlement } from '../../functions/lib/schema/bundle.ts';
import { registerOutputs } from '../../functions/metadata/register-outputs.fn.ts';
import type { TestDeps } from './a-deps.ts';
import { anAsk, anItem } from './a-job.ts';

const Started = z.object({ jobId: z.string(), attempt: z.int() });

/** An execution of `run-job`, as far as it has come: the token that it waits for, and with which attempt. */
type Execution = { readonly name: string; attempt: number; at: 'asks' | 'runs' | 'registers' | 'ended'; token: string };

/** A job whose executions, messages and payload the test moves on, one at a time and in any order. */
export type DrivenJob = {
  readonly executions: readonly Execution[];
  /** Every state in which its record was written, in order. */
  readonly states: Job['state'][];
  /** Moves something on; false if there was nothing to move. */
  readonly ask: () => Promise<boolean>;
  readonly broker: () => Promise<boolean>;
  readonly submit: () => Promise<boolean>;
  readonly finish: (outcome: 'succeeded' | 'failed' | 'timeout' | 'killed') => Promise<boolean>;
  readonly settle: () => Promise<boolean>;
  readonly machine: () => Promise<boolean>;
  readonly poll: () => Promise<boolean>;
  /** Stops an execution that waits for a place. */
  readonly stop: () => Promise<boolean>;
  /** Asks for what a person may ask for; true if it was done. */
  readonly steer: (verb: 'cancel' | 'retry') => Promise<boolean>;
  /** Delivers again what was delivered before. */
  readonly repeat: (pick: number) => Promise<boolean>;
  /** What waits for something that nobody will bring. */
  readonly leftOver: () => Promise<readonly string[]>;
};

type Message = { readonly queue: 'broker' | 'settle' | 'facility'; readonly body: unknown };

/** Takes a catalogued job into the test's hands. */
export const aDrivenJob = (bare: TestDeps, jobId: string): DrivenJob => {
  const states: Job['state'][] = [];
  const deps: TestDeps = {
    ...bare,
    store: {
      ...bare.store,
      transact: async (transaction) => {
        const result = await bare.store.transact(transaction);
        for (const write of transaction.writes) {
          if (write.op === 'put' && write.sk === 'job' && write.pk === jobId)
            states.push(z.object({ state: z.custom<Job['state']>() }).parse(write.doc).state);
        }
        return result;
      },
    },
  };
  const executions: Execution[] = [];
  const waiting: Message[] = [];
  const delivered: Message[] = [];
  let [taken, began, commandsAll] = [0, 0, 0];

  const begin = (name: string, attempt: number): void => {
    executions.push({ name, attempt, at: 'asks', token: '' });
  };
  deps.machines.started.push({ machine: 'run-job', name: 'first', input: { jobId, attempt: 1 } });

  /** What was sent, and executions that were started, since somebody looked. */
  const collect = (): void => {
    for (const { queue, body } of deps.queues.sent.slice(taken))
      if (queue === 'broker' || queue === 'settle') waiting.push({ queue, body });
    taken = deps.queues.sent.length;
    for (const { machine, name, input } of deps.machines.started.slice(began))
      if (machine === 'run-job') begin(name, Started.parse(input).attempt);
    began = deps.machines.started.length;
  };

  collect();

  const handlers = {
    broker: (body: unknown) => assignJobs.runBatch([anItem(assignJobs.input.parse(body))], deps),
    settle: (body: unknown) => settleJobs.runBatch([anItem(settleJobs.input.parse(body))], deps),
    facility: (body: unknown) => submitBundle.runBatch([anItem(submitBundle.input.parse(body))], deps),
  };
  const deliver = async (message: Message): Promise<boolean> => {
    const failed = await handlers[message.queue](message.body);
    // What failed comes again, as a queue has it.
    if (failed.length > 0) waiting.push(message);
    else delivered.push(message);
    collect();
    return true;
  };
  const next = async (queue: Message['queue']): Promise<boolean> => {
    const at = waiting.findIndex((message) => message.queue === queue);
    const [message] = at < 0 ? [] : waiting.splice(at, 1);
    return message !== undefined && deliver(message);
  };

  const giveUp = async (execution: Execution, input: object): Promise<void> => {
    await failJob.run(failJob.input.parse({ jobId, attempt: execution.attempt, ...input }), deps);
    execution.at = 'ended';
  };

  const goOn = async (execution: Execution): Promise<void> => {
    const answer = deps.machines.answers.get(execution.token);
    if (answer?.kind === 'failure') return giveUp(execution, { failure: { Error: answer.error, Cause: answer.cause } });
    if (execution.at === 'asks') {
      const place = Place.parse(answer?.output);
      execution.at = 'runs';
      execution.token = `run-${execution.name}-${execution.attempt}`;
      waiting.push({ queue: 'facility', body: { token: execution.token, place } });
      return;
    }
    if (execution.at === 'registers') {
      execution.at = 'ended';
      return;
    }
    const settled = Settlement.parse(answer?.output);
    if (settled.decision === 'fail') return giveUp(execution, { settled });
    if (settled.decision === 'retry') {
      execution.attempt += 1;
      execution.at = 'asks';
      execution.token = '';
      return;
    }
    execution.at = 'registers';
    execution.token = `register-${execution.name}-${execution.attempt}`;
    const request = { token: execution.token, jobId, attemptId: settled.attemptId, executionId: execution.name };
    await registerOutputs.runBatch([anItem(request)], deps);
  };

  return {
    executions,
    states,
    ask: async () => {
      const execution = executions.find(({ at, token }) => at === 'asks' && token === '');
      if (!execution) return false;
      execution.token = `ask-${execution.name}-${execution.attempt}`;
      const ask = { ...anAsk(jobId, execution.token, execution.attempt), executionId: execution.name };
      waiting.push({ queue: 'broker', body: ask });
      return true;
    },
    broker: () => next('broker'),
    submit: () => next('facility'),
    settle: () => next('settle'),
    finish: async (outcome) => {
      for (const { attemptId } of deps.facility.accepted) {
        const [status] = await deps.facility.status([attemptId]);
        if (status?.state === 'ended') continue;
        deps.facility.finish(attemptId, { outcome }, outcome === 'succeeded' ? { 'out/hits.json': '{}' } : {});
        waiting.push({ queue: 'settle', body: { attemptId } });
        return true;
      }
      return false;
    },
    machine: async () => {
      const execution = executions.find(({ at, token }) => at !== 'ended' && deps.machines.answers.has(token));
      if (!execution) return false;
      await goOn(execution);
      collect();
      return true;
    },
    poll: async () => {
      const before = deps.queues.sent.length;
      await pollBundles.run({}, deps);
      collect();
      return deps.queues.sent.length > before;
    },
    stop: async () => {
      const isWaiting = ({ at, token }: Execution) =>
        at === 'asks' && token !== '' && !deps.machines.answers.has(token);
      const execution = executions.find(isWaiting);
      if (!execution) return false;
      execution.at = 'ended';
      deps.machines.stop(execution.name, execution.token, 'anna: a test');
      return true;
    },
    steer: async (verb) => {
      commandsAll += 1;
      const id = `test_command_${commandsAll}`;
      const asked = { id, action: `job.${verb}`, subject: jobId, by: 'anna', why: 'a test', at: deps.now() };
      await steerJobs.run(Command.parse(asked), deps);
      collect();
      return (await deps.events()).some(({ type, subject }) => type === 'command.done' && subject === id);
    },
    repeat: async (pick) => {
      const message = delivered[pick % Math.max(1, delivered.length)];
      return message !== undefined && deliver(message);
    },
    leftOver: async () => [
      ...executions.filter(({ at }) => at !== 'ended').map(({ name, at }) => `${name} ${at}`),
      ...(await placements.list(deps.store, 'i1', 'placements')).items.map(({ doc }) => `placement ${doc.jobId}`),
      ...(await bundles.list(deps.store, 'i1', 'bundles')).items.map(({ doc }) => doc.id),
      ...(await jobs.list(deps.store, 'i2', 'open-jobs')).items.map(({ doc }) => `${doc.id} ${doc.state}`),
    ],
  };
};
