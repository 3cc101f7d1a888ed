import { test } from 'vitest';
import { quantile } from '../load/figures.ts';
import { type Survived, torment } from './engine/kills.ts';
import { expectAllWell } from './engine/verdict.ts';

const report = ({ load, clients, backMs, kills }: Survived, seconds: number): string => {
  const { functions, answerer, web } = clients;
  const accepted = answerer.answered().filter((one) => one.accepted.length > 0).length;
  const messages = load.traffics.reduce((sum, { sent }) => sum + sent.length, 0);
  const { alone, answered } = load.express;
  const lost = [...answered.values()].filter((answer) => answer === undefined).length;
  const runs = alone.reduce((sum, id) => sum + functions.tasks(id), 0);
  const given = [...load.given.values()].reduce((sum, times) => sum + times, 0);
  const called = [...web.calls.values()].reduce((sum, times) => sum + times, 0);
  return [
    `${kills} kills in ${Math.round(seconds)} s`,
    `${load.started.length} executions acknowledged, ${functions.tasks()} tasks of functions in ${functions.calls()} calls`,
    `${answerer.answered().length} tokens, of ${accepted} an answer acknowledged; ${messages} messages`,
    `express: ${alone.length} left alone, ${runs} tasks of theirs; ${answered.size} waited for, ${lost} of them unanswered`,
    `${load.given.size} works of the activity, given ${given} times; ${web.calls.size} executions called over the web ${called} times`,
    `${web.fromTopic.size} heard of by webhooks of the topic, ${web.fromBus.size} of the bus, before the last wait`,
    `kill to first answered call: p50 ${Math.round(quantile(backMs, 0.5))} ms, p99 ${Math.round(quantile(backMs, 0.99))} ms`,
  ].join('\n');
};

test('two hundred kills under full load: nothing lost, nothing stuck, nothing twice', async () => {
  const startedMs = performance.now();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const survived = await torment({ kills: 200, atOnce: 30, lifeMs: 2_000, seed: 2, say });
  say(report(survived, (performance.now() - startedMs) / 1000));
  await expectAllWell(survived, { starts: 1_001, isPatient: true });
}, 3_400_000);
