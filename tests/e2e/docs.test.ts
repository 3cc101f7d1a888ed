import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { type FrontClient, frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { root } from '../check/shell.ts';
import { lastingWords, shownOn } from './shown.ts';

/** What the pages show is what papilio does: their marked commands are run, and what they print is compared. */
const pages = [
  'README.md',
  'docs/users/shift.md',
  'docs/users/tutorials/follow-one-stf.md',
  'docs/users/how-to/find-out-why.md',
  'docs/users/how-to/cancel-and-retry-jobs.md',
  'docs/users/how-to/find-a-tf.md',
  'docs/users/how-to/read-quarantine.md',
  'docs/users/how-to/simulate-the-daq.md',
  'docs/users/how-to/command-line.md',
  'docs/users/how-to/use-the-api.md',
  'docs/users/how-to/write-a-workflow.md',
  'docs/operators/shift.md',
  'docs/operators/run.md',
  'docs/operators/roles-and-tokens.md',
  'docs/operators/usage.md',
  'docs/operators/runbooks/drain.md',
  'docs/operators/runbooks/payloads-fail.md',
  'docs/operators/runbooks/message-in-quarantine.md',
];
const scratch = mkdtempSync(join(tmpdir(), 'papilio-docs-'));
const folder = join(scratch, 'data');
/** What `npm start` and `npm run papilio` run when nothing is to be installed. */
const npm = `#!/bin/sh
[ "$1" = run ] && shift
while [ $# -gt 0 ]; do
  case $1 in
    start) program=local/main.ts ;;
    papilio) program=clients/cli/main.ts ;;
    --) shift && break ;;
  esac
  shift
done
exec "${process.execPath}" "$program" "$@"
`;
let house: House;
let front: FrontClient;

beforeAll(async () => {
  const held = readFileSync(join(root, 'tests/fixtures/messages/papilio.held.jsonl'), 'utf8');
  const recording = join(scratch, 'recording.jsonl');
  writeFileSync(recording, held + demoRecording(1001, new Date()).join('\n'));
  mkdirSync(join(scratch, 'bin'));
  writeFileSync(join(scratch, 'bin/npm'), npm, { mode: 0o755 });
  writeFileSync(join(scratch, 'bin/papilio'), '#!/bin/sh\nexec npm run papilio -- "$@"\n', { mode: 0o755 });
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
  const environment = {
    ...plainEnvironment,
    PAPILIO_PAYLOAD_FAULTS: '{"swf.002001.000002.stf":"fail"}',
  };
  house = await startHouse({ folder, port: 0, environment, bridge: ['--replay', recording, '--speed', 'max'] });
  await house.bridgeDone;
  front = await frontOf(folder);
  await front.quiet();
}, 60_000);
afterAll(async () => {
  await house?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

type Said = { readonly out: string; readonly err: string; readonly code: unknown };
const run = (command: string, args: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    const env = {
      ...plainEnvironment,
      PATH: `${join(scratch, 'bin')}:${process.env.PATH}`,
      HOME: process.env.HOME,
      PAPILIO_DATA: folder,
    };
    execFile(command, args, { cwd: root, env }, (error, out, err) =>
      resolve({ out, err, code: error === null ? 0 : error.code }),
    );
  });

/** The house is started already, has a port of its own, and nothing may lie about in a shared folder. */
const here = (script: string): string =>
  script
    .replace(/^npm start$/m, ':')
    .replaceAll('http://127.0.0.1:8714', front.baseUrl)
    .replaceAll('/tmp/', `${scratch}/`);

for (const page of pages) {
  describe(page, () => {
    for (const { code, output } of shownOn(page)) {
      test(`shows: ${code.trim().split('\n').join(' · ')}`, async () => {
        const said = await run('sh', ['-ec', here(code)]);
        expect(said).toMatchObject({ code: 0 });
        for (const word of lastingWords(output)) expect(said.out).toContain(word);
      });
    }
  });
}

test('the engine does for a plain client what its page shows', async () => {
  const [example] = shownOn('docs/reference/engine.md');
  const words = ['local/engine.ts', '--port', '0', '--data', join(scratch, 'engine')];
  const engine = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(engine.stdout, 'data');
    const address = /http:\S+/.exec(String(line))?.[0] ?? '';
    const script = join(scratch, 'example.mjs');
    writeFileSync(script, example?.code.replaceAll('http://127.0.0.1:4566', address) ?? '');
    expect(await run(process.execPath, [script])).toMatchObject({ code: 0, out: example?.output });
  } finally {
    engine.kill('SIGKILL');
    await once(engine, 'close');
  }
});
