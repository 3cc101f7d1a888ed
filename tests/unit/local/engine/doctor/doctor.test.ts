import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type Examination, examine } from '../../../../../local/engine/doctor/doctor.ts';
import { folderPatient } from '../../../../../local/engine/doctor/patients.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';
import { askingMachine } from '../../../../builders/an-asking-machine.ts';
import { account, anEngine } from '../../../../builders/an-engine.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';
import { tornDisk } from '../../../../builders/torn-disk.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const identity = { account, region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
const asked: Examination = { endpoints: {}, stuckAfterS: 3600 };

const machines = {
  asks: askingMachine,
  flaky: {
    StartAt: 'Read',
    States: {
      Read: {
        Type: 'Task',
        Resource: functionArn('read'),
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 1 }],
        End: true,
      },
    },
  },
};

/** An engine in memory with an execution that waits for a token, and one that was tried again five times. */
async function aPatient() {
  const clock = fakeClock(Date.now());
  const disk = tornDisk();
  let tries = 0;
  const engine = await anEngine({
    folder: '/data',
    disk,
    clock,
    invoke: async () => {
      tries += 1;
      return tries < 6 ? { ok: false, errorType: 'Busy', errorMessage: 'later' } : { ok: true, payload: 1 };
    },
  });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'ask' });
  for (const [name, definition] of Object.entries(machines)) {
    await engine.call('sfn', 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition) });
    const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
    await engine.call('sfn', 'StartExecution', { stateMachineArn, name: 'one' });
  }
  while (engine.stats().executions.running > 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
  }
  return { engine, disk, clock };
}

const codes = ({ findings }: { findings: readonly { code: string }[] }): string[] => findings.map(({ code }) => code);

test('an engine that serves tells its backlog, its slow states and what is tried again', async () => {
  const { engine } = await aPatient();
  const report = await engine.examine(asked);
  expect(report).toMatchObject({
    from: 'serving',
    account,
    journal: { state: 'ok', segments: 1, snapshot: 0 },
    executions: { running: 1, known: 2 },
    waiting: { token: 1 },
    queues: { ask: { ready: 1 } },
    slow: [{ machine: 'flaky', state: 'Read', type: 'Task', count: 1, retries: 5 }, expect.anything()],
    openWaits: [{ execution: 'asks:one', state: 'Ask' }],
  });
  expect(report.slow[0]?.p95Ms).toBeGreaterThanOrEqual(50_000);
  expect(codes(report)).toContain('state-retried');
  expect(codes(report)).not.toContain('wait-stuck');
});

test('a token that nobody answers is stuck after a while, if no timeout ends its wait', async () => {
  const { engine, clock } = await aPatient();
  await clock.advance(3_700_000);
  const { findings } = await engine.examine(asked);
  expect(findings.find(({ code }) => code === 'wait-stuck')).toMatchObject({
    level: 'problem',
    what: expect.stringMatching(/^asks:one waits in Ask since .* and no timeout ends it$/),
  });
});

test('a folder says the same as the engine that served from it, and is left as it was', async () => {
  const { engine, disk, clock } = await aPatient();
  const serving = await engine.examine(asked);
  await engine.close();
  const before = await disk.readFile('/data/journal-1.log');
  const patient = await folderPatient({ disk, folder: '/data', clock, identity });
  const report = await examine(patient, asked);
  await patient.close();
  const { executions, waiting, queues, slow, openWaits } = serving;
  expect(report).toMatchObject({ from: 'folder', executions, waiting, queues, slow, openWaits });
  expect(report.journal.files).toMatchObject([{ name: 'journal-1.log', interpreter: expect.any(String) }]);
  expect(codes(report)).toEqual(codes(serving));
  expect(await disk.readFile('/data/journal-1.log')).toEqual(before);
});

test('damage is named by file and byte, and what lies before it is still told', async () => {
  const { engine, disk, clock } = await aPatient();
  await engine.close();
  const sizeBytes = (await disk.sizeOf('/data/journal-1.log')) ?? 0;
  disk.flipBit('/data/journal-1.log', Math.floor(sizeBytes / 2));
  const patient = await folderPatient({ disk, folder: '/data', clock, identity });
  const report = await examine(patient, asked);
  await patient.close();
  expect(report.journal.state).toBe('damaged');
  expect(report.findings[0]).toMatchObject({
    level: 'problem',
    code: 'journal-damaged',
    what: expect.stringMatching(/^\/data\/journal-1\.log is damaged at byte \d+/),
  });
  expect(report.queues).toHaveProperty('ask');
});

test('a folder without a journal is a problem, not a healthy engine', async () => {
  const disk = tornDisk();
  await disk.makeFolder('/empty');
  const patient = await folderPatient({ disk, folder: '/empty', clock: fakeClock(), identity });
  const { findings } = await examine(patient, asked);
  expect(findings[0]).toMatchObject({ code: 'journal-damaged', what: '/empty holds no journal' });
});

test('services that cannot be reached, a full disk and a clock that was set back are named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const disk = tornDisk();
  const clock = fakeClock(Date.now() + 60_000);
  const engine = await anEngine({ folder: '/data', disk, clock });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'before' });
  disk.setFreeBytes(0);
  engine.call('sqs', 'CreateQueue', { QueueName: 'full' }).catch(() => undefined);
  await expect.poll(() => engine.stats().journal.state).toBe('full');
  const endpoints = { s3: `http://127.0.0.1:${port}`, lambda: 'http://127.0.0.1:1' };
  const report = await engine.examine({ endpoints, stuckAfterS: 1 });
  expect(report.services).toMatchObject([{ name: 's3' }, { name: 'lambda', error: expect.any(String) }]);
  expect(report.services[0]).not.toHaveProperty('error');
  expect(codes(report)).toEqual(['journal-full', 'clock-set-back', 'service-unreachable']);
});
