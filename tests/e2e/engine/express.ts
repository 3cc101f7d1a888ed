import { ListStateMachinesCommand, StartExecutionCommand, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import type { Clients } from './clients.ts';
import { askOnce, insist } from './insist.ts';
import { account, type Ears, inputOf, machines } from './machines.ts';

const arnOf = (machine: string): string => `arn:aws:states:us-east-1:${account}:stateMachine:${machine}`;

const sync = {
  StartAt: 'Work',
  States: {
    Work: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:${account}:function:work`, End: true },
  },
};

/** Machines of type EXPRESS: one is started and left alone, for the end of the other the caller waits. */
export const expressMachines = { alone: machines.retries, sync } as const;

/** Name of such a machine. */
export type ExpressKind = keyof typeof expressMachines;

/** What became of express executions. */
export type Express = {
  /** Ids whose start was acknowledged. */
  readonly alone: string[];
  /** By id, how the call was answered; undefined if an engine died over it. */
  readonly answered: Map<string, string | undefined>;
};

/** Runs express executions, one call each. */
export const createExpress = ({ sfn, ends }: Clients, ears: Ears) => {
  const express: Express = { alone: [], answered: new Map() };
  const runs: Readonly<Record<ExpressKind, (id: string) => Promise<void>>> = {
    alone: async (id) => {
      const end = ends.of(id);
      const request = { stateMachineArn: arnOf('alone'), name: id, input: inputOf(id, ears) };
      await insist(() => sfn.send(new StartExecutionCommand(request)));
      express.alone.push(id);
      await end;
    },
    sync: async (id) => {
      const input = JSON.stringify({ id, item: 21 });
      const request = { stateMachineArn: arnOf('sync'), name: id, input };
      const answer = await askOnce(() => sfn.send(new StartSyncExecutionCommand(request)));
      express.answered.set(id, answer && `${answer.status} ${answer.output ?? answer.error}`);
      if (answer === undefined) await insist(() => sfn.send(new ListStateMachinesCommand({ maxResults: 1 })));
    },
  };
  return { express, run: (kind: ExpressKind, id: string) => runs[kind](id) };
};
