import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { anRsaKey } from '../builders/an-issuer.ts';
import { anOidcProvider, audience, type OidcProvider, pilotSecret } from '../builders/an-oidc-provider.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { root } from '../check/shell.ts';
import { helpTexts } from './examples/help-texts.ts';
import { runLine, type Said } from './examples/shell-line.ts';

/** Every example that a help text shows is run against a papilio with data, with the names that it has. */
const helps = await helpTexts();

/** What stays until somebody stops it; here that is its time. */
const stays = (line: string): boolean => / --watch\b|^papilio (watch|event list .*--follow)\b/.test(line);
/** What ends otherwise than with 0 or its time here, as what, and with which word. */
const endings: readonly (readonly [RegExp, number, string])[] = [
  // Processed long ago, and well.
  [/^papilio job cancel swf/, 5, 'job-settled'],
  [/^papilio job retry swf/, 5, 'job-not-retryable'],
  [/^papilio exec redrive process-stf/, 5, 'execution-not-redrivable'],
  // Nothing is wrong with it.
  [/^papilio quarantine show swf/, 3, 'record-missing'],
  // Nothing waits or runs, so the list is empty.
  [/ \| papilio (job cancel|exec stop) - --dry-run$/, 2, 'usage'],
  // What was wrong with one that is held is as wrong as before.
  [/ \| papilio quarantine replay - /, 2, 'nothing was done'],
  // No broker and no engine listens there.
  [/^papilio doctor --engine --endpoint /, 6, 'unreachable'],
  [/^papilio dev (sim --scenario rt --broker|record --broker)/, 6, 'stomp://127.0.0.1:1'],
];
const endingOf = (line: string): readonly [number, string] => {
  if (stays(line)) return [124, 'timeout'];
  const [, code = 0, word = ''] = endings.find(([pattern]) => pattern.test(line)) ?? [];
  return [code, word];
};

const roles = { rules: [{ scope: 'compute.read', role: 'viewer' }] };
const hello = {
  StartAt: 'Greet',
  States: {
    Greet: { Type: 'Pass', Next: 'Ask' },
    Ask: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'ask' }, End: true },
  },
};

const scratch = mkdtempSync(join(tmpdir(), 'papilio-examples-'));
const folder = join(scratch, 'data');
const config = join(scratch, 'config');
let house: House;
let provider: OidcProvider;
let places: readonly (readonly [string, string])[];

/** Does in a browser what a login asks for. */
const approve = (talk: string): void => {
  const [, page, code] = /open (\S+)\nand check that it shows the code (\S+)\n$/.exec(talk) ?? [];
  if (page !== undefined && code !== undefined) void provider.approve('erika', page, code);
};
const here = (example: string): string => places.reduce((line, [name, own]) => line.replaceAll(name, own), example);
const papilio = (line: string): Promise<Said> => {
  const timeout = stays(line) ? ['--timeout', '1'] : [];
  return runLine(line, { cwd: scratch, before: ['--config', config, '--data', folder, ...timeout], onTalk: approve });
};
const jsonOf = async (line: string) => {
  const { out, err } = await papilio(line);
  expect(err, line).not.toMatch(/^error/);
  return JSON.parse(out);
};
const writeFiles = async (): Promise<void> => {
  const write = (name: string, text: unknown) =>
    writeFileSync(join(scratch, name), typeof text === 'string' ? text : JSON.stringify(text));
  write('hello.asl.json', hello);
  write('in.json', {});
  write('answer.json', { result: {} });
  write('mended.json', {
    ...{ msg_type: 'pause_run', run_id: 2001, timestamp: '2026-11-24T06:00:01.100000' },
    ...{ state: 'run', substate: 'standby' },
  });
  write('secret', pilotSecret);
  write('token', await provider.clientCredentials('compute.read'));
  write('brokers.json', {
    brokers: [{ name: 'none', url: 'stomp://127.0.0.1:1', subscriptions: [{ destination: '/topic/x' }] }],
  });
  symlinkSync(join(root, 'statemachines'), join(scratch, 'statemachines'));
  mkdirSync(join(scratch, 'home/.config/fish/completions'), { recursive: true });
};

const before = process.cwd();
beforeAll(async () => {
  // Files are named as from where papilio is called.
  process.chdir(scratch);
  provider = await anOidcProvider([anRsaKey('spring')]);
  await writeFiles();
  writeFileSync(join(scratch, 'roles.json'), JSON.stringify(roles));
  const messages = readFileSync(join(root, 'tests/fixtures/messages/papilio.held.jsonl'), 'utf8');
  writeFileSync(join(scratch, 'recording.jsonl'), messages + demoRecording(1001, new Date()).join('\n'));
  const environment = {
    ...plainEnvironment,
    PAPILIO_PAYLOAD_FAULTS: '{"swf.002001.000002.stf":"fail"}',
    PAPILIO_OIDC_ISSUER: provider.url,
    PAPILIO_OIDC_AUDIENCE: audience,
    PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: 'true',
    PAPILIO_ROLES_FILE: join(scratch, 'roles.json'),
    PAPILIO_ANCHOR: join(scratch, 'heads.jsonl'),
  };
  const bridge = ['--replay', join(scratch, 'recording.jsonl'), '--speed', 'max'];
  house = await startHouse({ folder, port: 0, environment, bridge });
  await house.bridgeDone;
  const front = await frontOf(folder);
  await front.quiet();
  const stf = await jsonOf('papilio stf show swf.001001.000001.stf --json');
  const made = await jsonOf(`papilio token create example --role viewer --why 'an example' --json`);
  const [held = '', other = ''] = (await papilio('papilio quarantine list --state held -o name')).out.split('\n');
  places = [
    ['00102363', '00001001'],
    ['102363', '1001'],
    ['swf.1001.', 'swf.001001.'],
    ['102370', '1008'],
    ['prod_', 'dev-local_'],
    ['13738929292264', stf.stf.tfFirst],
    ['900394470097813504', stf.stf.bxFirst],
    ['discard quarantine_0123456789abcdef0123456789abcdef', `discard ${other}`],
    ['quarantine_0123456789abcdef0123456789abcdef', held],
    ['token_0123456789abcdef', made.id],
    ['https://papilio.example', front.baseUrl],
    ['https://iam.example', provider.url],
    ['http://127.0.0.1:4566', 'http://127.0.0.1:1'],
    ['/data/papilio', folder],
    ['/var/lib/papilio-anchor/heads.jsonl', join(scratch, 'heads.jsonl')],
    ['stomp://localhost:61613', 'stomp://127.0.0.1:1'],
    ['~/', `${scratch}/home/`],
    // A day takes a minute at this speed, and its STFs more.
    ['--scenario day --speed 1440', '--scenario demo --speed max'],
    ['--timeout 5', '--timeout 1'],
    // In between, a person mends it.
    ['--file body.json', '--file mended.json'],
  ];
}, 60_000);
afterAll(async () => {
  process.chdir(before);
  await house?.stop();
  await provider?.[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

test('every command shows an example', () => {
  const without = helps.filter(({ isGroup, examples }) => !isGroup && examples.length === 0);
  expect(without.map(({ command }) => command)).toEqual([]);
  expect(helps.length).toBeGreaterThan(40);
});

/** The documentation's own test starts papilio as it shows it. */
const isPapilio = (example: string): boolean => !example.startsWith('npm ');

/** Some make what others show. */
const isFirst = ({ command }: { readonly command: string }): number => (command === 'papilio period name' ? 0 : 1);
const commands = helps.filter(({ isGroup }) => !isGroup).toSorted((one, other) => isFirst(one) - isFirst(other));
for (const { command, examples } of commands) {
  describe(`${command} --help`, () => {
    test.each(examples.filter(isPapilio))('%s', async (example) => {
      const line = here(example);
      const [code, word] = endingOf(line);
      const said = await papilio(line);
      expect(said.code, said.err).toBe(code);
      expect(said.err).toContain(word);
      if (code === 0) expect(said.err).not.toMatch(/^error/m);
    });
  });
}
