import { setTimeout as delay } from 'node:timers/promises';
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { refusalOf } from './insist.ts';
import { isRefused } from './machines.ts';

/** What was sent for a token, and what of it the engine has accepted. */
export type Answered = {
  readonly id: string;
  readonly sent: string[];
  readonly accepted: string[];
  readonly errors: string[];
};

/** People with task tokens: each token gets two answers at once, of which one may be accepted. */
export const createAnswerer = (sfn: SFNClient, random: () => number) => {
  const byToken = new Map<string, Answered>();
  const send = async (answered: Answered, taskToken: string, by: string): Promise<void> => {
    answered.sent.push(by);
    const output = JSON.stringify(by);
    const refusal = await refusalOf(() => sfn.send(new SendTaskSuccessCommand({ taskToken, output })));
    if (refusal === undefined) answered.accepted.push(by);
    else answered.errors.push(refusal);
  };
  const refuse = (taskToken: string) =>
    refusalOf(() => sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Refused', cause: 'not now' })));
  const answer = async (id: string, taskToken: string, nth: number): Promise<void> => {
    if (byToken.has(taskToken)) return;
    const answered: Answered = { id, sent: [], accepted: [], errors: [] };
    byToken.set(taskToken, answered);
    await delay(random() * 400);
    if (random() < 0.3) {
      await refusalOf(() => sfn.send(new SendTaskHeartbeatCommand({ taskToken })));
      await delay(random() * 400);
    }
    if (isRefused(id) && nth === 0) await refuse(taskToken);
    else await Promise.all([send(answered, taskToken, `${nth}a`), send(answered, taskToken, `${nth}b`)]);
  };
  return { answer, answered: (): readonly Answered[] => [...byToken.values()] };
};
