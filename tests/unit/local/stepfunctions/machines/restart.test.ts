import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemsOf } from '../../../../builders/a-restart.ts';
import { aStatesPart, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { routesTo } from '../../../../builders/a-versioned-machine.ts';
import { roleArn } from '../../../../builders/an-express-machine.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

const arn = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
const waiting = (number: number): string =>
  JSON.stringify(
    machineOf({ W: { Type: 'Wait', Seconds: 5, Next: 'A' }, A: { Type: 'Pass', Result: number, End: true } }),
  );

type Call = readonly [operation: string, input: object];
const call = (operation: string, input: object): Call => [operation, input];

const someVersion = fc.integer({ min: 1, max: 4 });
const someAlias = fc.constantFrom('a', 'b');

const anyChange: fc.Arbitrary<Call> = fc
  .record({ number: fc.nat(3), publish: fc.boolean(), enabled: fc.boolean() })
  .map(({ number, publish, enabled }) =>
    call('UpdateStateMachine', {
      stateMachineArn: arn,
      definition: waiting(number),
      publish,
      tracingConfiguration: { enabled },
    }),
  );

const anyAlias: fc.Arbitrary<Call> = fc
  .tuple(someAlias, someVersion, someVersion, fc.integer({ min: 0, max: 100 }), fc.boolean())
  .map(([name, one, other, weight, isNew]) => {
    const routingConfiguration =
      one === other ? routesTo(arn, [one, 100]) : routesTo(arn, [one, weight], [other, 100 - weight]);
    return isNew
      ? call('CreateStateMachineAlias', { name, description: 'd', routingConfiguration })
      : call('UpdateStateMachineAlias', { stateMachineAliasArn: `${arn}:${name}`, routingConfiguration });
  });

const anyCreation: fc.Arbitrary<Call> = fc
  .record({ type: fc.constantFrom('STANDARD', 'EXPRESS'), publish: fc.boolean() })
  .map(({ type, publish }) =>
    call('CreateStateMachine', {
      name: 'm',
      definition: waiting(0),
      roleArn,
      type,
      publish,
      tags: [{ key: 'k', value: type }],
    }),
  );

const anyDeletion: fc.Arbitrary<Call> = fc.oneof(
  someVersion.map((number) => call('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:${number}` })),
  someAlias.map((name) => call('DeleteStateMachineAlias', { stateMachineAliasArn: `${arn}:${name}` })),
  fc.constant(call('UntagResource', { resourceArn: arn, tagKeys: ['k'] })),
  fc.constant(call('DeleteStateMachine', { stateMachineArn: arn })),
);

/** What anybody may do to the machine `m`; some of it is refused where it does not fit. */
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: anyChange },
  { weight: 4, arbitrary: anyAlias },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('', ':1', ':2', ':a', ':b')
      .map((by) => call('StartExecution', { stateMachineArn: arn + by })),
  },
  { weight: 2, arbitrary: anyDeletion },
  { weight: 1, arbitrary: anyCreation },
  { weight: 1, arbitrary: fc.constant(call('PublishStateMachineVersion', { stateMachineArn: arn, description: 'd' })) },
  { weight: 1, arbitrary: fc.constant(call('TagResource', { resourceArn: arn, tags: [{ key: 'k', value: 'v' }] })) },
);

const descriptions = async (states: TestStates): Promise<unknown[]> => {
  const told = [];
  for (const stateMachineArn of ['', ':1', ':2', ':3', ':a', ':b'].map((by) => arn + by)) {
    for (const operation of ['DescribeStateMachine', 'ListStateMachineAliases', 'ListExecutions']) {
      told.push(await states.call(operation, { stateMachineArn }).catch((error: unknown) => String(error)));
    }
  }
  return told;
};

test('a restart and a snapshot at any time keep machines, versions, aliases and what was started by them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { minLength: 5, maxLength: 25, size: 'max' }), fc.nat(), async (calls, cut) => {
      const live = aStatesPart();
      await live.call('CreateStateMachine', { name: 'm', definition: waiting(0), roleArn, publish: true });
      for (const [operation, input] of calls) {
        await live.call(operation, input).catch(() => undefined);
        await live.clock.advance(1000);
      }
      const records = live.journal.records();
      const replayed = aStatesPart({ journal: live.journal, clock: live.clock, isResumed: false });
      expect(itemsOf(replayed)).toEqual(itemsOf(live));
      expect(await descriptions(replayed)).toEqual(await descriptions(live));
      const early = memoryJournal(records.slice(0, cut % (records.length + 1)).map(({ record }) => record));
      const before = aStatesPart({ journal: early, isResumed: false });
      const restored = aStatesPart({ journal: live.journal, clock: live.clock, isFolded: false });
      for (const item of [itemsOf(before)].flat()) restored.part.restore(item);
      for (const { record, at } of records.slice(cut % (records.length + 1))) restored.part.apply(record, at);
      expect(itemsOf(restored)).toEqual(itemsOf(live));
      expect(await descriptions(restored)).toEqual(await descriptions(live));
    }),
    { numRuns: 25 },
  );
});

test('an execution goes on with its version and its alias after a snapshot', async () => {
  const live = aStatesPart();
  await live.call('CreateStateMachine', { name: 'm', definition: waiting(1), roleArn, publish: true });
  await live.call('CreateStateMachineAlias', { name: 'a', routingConfiguration: routesTo(arn, [1, 100]) });
  const executionArn = await live.start(`${arn}:a`);
  await live.call('UpdateStateMachine', { stateMachineArn: arn, definition: waiting(2) });
  const restored = aStatesPart({ journal: live.journal, clock: live.clock, isFolded: false });
  for (const item of [itemsOf(live)].flat()) restored.part.restore(item);
  restored.part.resume();
  await restored.clock.advance(5000);
  expect(await restored.describe(executionArn)).toMatchObject({
    output: '1',
    stateMachineVersionArn: `${arn}:1`,
    stateMachineAliasArn: `${arn}:a`,
  });
});

test('a journal and a snapshot from before there were versions are read', async () => {
  const [secret, created, updated] = [
    { kind: 'secret', secret: 's' },
    { kind: 'machineCreated', name: 'm', definition: waiting(1), roleArn, atMs: 0, revisionId: 'r1', tags: {} },
    { kind: 'machineUpdated', name: 'm', definition: waiting(2), roleArn, atMs: 1000, revisionId: 'r2' },
  ];
  const states = aStatesPart({ journal: memoryJournal([secret, created, updated]) });
  const machine = await states.call('DescribeStateMachine', { stateMachineArn: arn });
  expect(machine).toMatchObject({ definition: waiting(2), revisionId: 'r2', type: 'STANDARD' });
  expect(await states.call('PublishStateMachineVersion', { stateMachineArn: arn, revisionId: 'r2' })).toMatchObject({
    stateMachineVersionArn: `${arn}:1`,
  });
  const old = aStatesPart({ isFolded: false });
  const packed = { createdAtMs: 0, updatedAtMs: 1000, roleArn, revisionId: 'r2', tags: {}, isDeleted: false };
  for (const item of [
    { item: 'head', secret: 's', lastSerial: 0 },
    { item: 'definition', id: 0, text: waiting(2) },
    { item: 'machine', name: 'm', definition: 0, ...packed },
  ])
    old.part.restore(item);
  expect(await old.call('DescribeStateMachine', { stateMachineArn: arn })).toEqual(machine);
});
