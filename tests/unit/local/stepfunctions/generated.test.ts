import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aStatesPart, type HistoryEvent } from '../../../builders/a-states-part.ts';
import { type Answer, playOut } from '../../../builders/an-outcome.ts';
import { generatedJsonataMachine } from '../../../builders/generated-jsonata-machines.ts';
import { functionError, generatedMachine } from '../../../builders/generated-machines.ts';
import { memoryJournal } from '../../../builders/memory-journal.ts';

const anyMachine = fc.oneof(
  { weight: 3, arbitrary: generatedMachine },
  { weight: 1, arbitrary: generatedJsonataMachine },
);

/** Laws over machines that use every state and field, most of which run to a good end. */
const answer: Answer = (payload, _call, name) =>
  name === 'echo' ? { ok: payload } : { error: functionError, cause: 'it broke' };
const world = { answer, withinS: 120 };
const random = { 'u.$': 'States.UUID()', 'n.$': 'States.MathRandom(0, 1000000)' };

const nameIn = (event: HistoryEvent, details: string): unknown => {
  const found = event[details];
  return typeof found === 'object' && found !== null && 'name' in found ? found.name : undefined;
};

/** True if the links of an event lead back to the entry of the state that it leaves. */
const leadsBack = (exit: HistoryEvent, events: readonly HistoryEvent[]): boolean => {
  const name = nameIn(exit, 'stateExitedEventDetails');
  for (let at: HistoryEvent | undefined = exit; at; at = events[at.previousEventId - 1])
    if (nameIn(at, 'stateEnteredEventDetails') === name) return true;
  return false;
};

test('no input makes a machine throw, hang or lose count of its events', async () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text)),
  );
  await fc.assert(
    fc.asyncProperty(anyMachine, fc.option(anything, { nil: undefined }), async ({ definition, input }, other) => {
      const states = aStatesPart();
      const arn = await states.start(await states.create(definition), other === undefined ? input : other);
      const { described, history } = await playOut(states, arn, world);
      expect(described.status).toMatch(/^(SUCCEEDED|FAILED)$/);
      expect(String(described.cause)).not.toContain('Internal error');
      const events = await history();
      expect(events.map(({ id }) => id)).toEqual(events.map((_event, at) => at + 1));
      for (const { id, previousEventId } of events) expect(previousEventId).toBeLessThan(id);
      for (const event of events) if (event.type.endsWith('StateExited')) expect(leadsBack(event, events)).toBe(true);
      states.part.close();
    }),
    { numRuns: 120 },
  );
}, 60_000);

test('the same seed gives the same history, random values and retries with jitter included', async () => {
  await fc.assert(
    fc.asyncProperty(generatedMachine, async ({ definition, input }) => {
      const seed = aStatesPart();
      const drawn = { StartAt: 'Draw', States: { Draw: { Type: 'Pass', Parameters: random, End: true } } };
      const machines = [await seed.create(definition), await seed.create(drawn)];
      const records = seed.journal.records().map(({ record }) => record);
      const once = async () => {
        const states = aStatesPart({ journal: memoryJournal(records) });
        const histories = [];
        for (const machine of machines) {
          const arn = await states.start(machine, input, 'same');
          histories.push(await (await playOut(states, arn, world)).history());
        }
        return histories;
      };
      expect(await once()).toEqual(await once());
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('a journal replays to the same executions and the same histories', async () => {
  await fc.assert(
    fc.asyncProperty(anyMachine, fc.nat(8), async ({ definition, input }, stopS) => {
      const live = aStatesPart();
      const arn = await live.start(await live.create(definition), input);
      // Cut short, the execution may be in the midst of waits, retries, branches and items.
      const { history } = await playOut(live, arn, { ...world, withinS: stopS });
      const again = aStatesPart({ journal: live.journal, isResumed: false });
      expect(JSON.stringify([...again.part.items()])).toBe(JSON.stringify([...live.part.items()]));
      expect(await again.history(arn)).toEqual(await history());
      // What a snapshot keeps is all there is to know.
      const copy = aStatesPart({ journal: memoryJournal(), isResumed: false });
      for (const item of JSON.parse(JSON.stringify([...again.part.items()]))) copy.part.restore(item);
      expect(JSON.stringify([...copy.part.items()])).toBe(JSON.stringify([...live.part.items()]));
      live.part.close();
    }),
    { numRuns: 80 },
  );
}, 60_000);
