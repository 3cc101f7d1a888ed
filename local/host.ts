import { Command, InvalidArgumentError, Option } from 'commander';
import { environment } from '#lib/config';
import { systemClock } from '#lib/system-clock';
import { accounts, catalog, type Plane, planes } from '../functions/catalog.ts';
import { readAccount, readPort, stopSignal } from './engine/command-line.ts';
import { hasCode } from './engine/disk.ts';
import { bundleBudgetKb } from './host/bundle/budget.ts';
import { bundleFunctions } from './host/bundle/bundle.ts';
import { openCatalogueHost } from './host/catalogue-host.ts';
import { openLambdaDoor } from './host/lambda/door.ts';
import { defaultLimits } from './host/limits.ts';
import { imageCommand, openCatalogueGateway } from './host/openfaas/host-commands.ts';
import { awsRuntimeClient, ownRuntimeClient, type RuntimeClient } from './host/runtime/runtime-client.ts';

/** The functions of the catalogue behind Lambda's Invoke API, each instance a process of its own. */
type Options = {
  readonly port: number;
  readonly plane?: Plane;
  readonly account?: string;
  readonly region: string;
  readonly instances: number;
  readonly waitS: number;
  readonly client?: 'aws' | 'papilio';
  readonly gatewayPort?: number;
  readonly gatewayFolder: string;
};

const clients = { aws: awsRuntimeClient, papilio: () => ownRuntimeClient };

const serve = new Command('serve')
  .description('Serves the functions of the catalogue on 127.0.0.1 by the Lambda Invoke API.')
  .requiredOption('--port <port>', 'TCP port on 127.0.0.1, 0 for any free one', readPort)
  .addOption(new Option('--plane <plane>', 'only the functions of this plane').choices(planes))
  .option(
    '--account <number>',
    "account number in ARNs; without it the plane's, else that of the work plane",
    readAccount,
  )
  .option('--region <name>', 'region in ARNs', 'us-east-1')
  .option('--instances <number>', 'processes that live at once', readCount, defaultLimits.instances)
  .option(
    '--wait-s <seconds>',
    'how long a call may wait for a process; 0 refuses as AWS does',
    readSeconds,
    defaultLimits.waitS,
  )
  .addOption(
    new Option('--client <whose>', "runtime client of the processes: AWS's own if it is installed").choices([
      'aws',
      'papilio',
    ]),
  )
  .option(
    '--gateway-port <port>',
    "also serve the interface of OpenFaaS's gateway, on this port of 127.0.0.1",
    readPort,
  )
  .option('--gateway-folder <folder>', "the gateway's password and secrets, made if not there", '.papilio/gateway')
  .addHelpText(
    'after',
    '\nFunctions find the variables AWS_* and PAPILIO_* of this process: where their services are, and who they are there.',
  )
  .action(run);

const bundles = new Command('bundles')
  .description('Lists the bundle of each function, its size and its budget in kB.')
  .option('--json', 'as JSON')
  .action(list);

const program = new Command('host')
  .description('Runs functions as Lambda runs them, on this machine.')
  .addCommand(serve, { isDefault: true })
  .addCommand(bundles)
  .addCommand(imageCommand)
  .addHelpText('after', '\nWithout a command it serves; host serve --help says with which options.');

/** What of this process's environment is for the functions; what Lambda itself sets is not. */
function handedOn(): Record<string, string> {
  const names = /^(AWS|PAPILIO|OTEL)_/;
  const own = Object.entries(environment()).flatMap(([name, value]) =>
    value !== undefined && names.test(name) && !name.startsWith('AWS_LAMBDA_') ? [[name, value] as const] : [],
  );
  return Object.fromEntries(own);
}

function clientOf(whose: Options['client']): RuntimeClient {
  if (whose === undefined) return awsRuntimeClient() ?? ownRuntimeClient;
  const client = clients[whose]();
  if (client !== undefined) return client;
  throw new Error('aws-lambda-ric is not installed, or its native half was not compiled; use --client papilio');
}

async function run(options: Options): Promise<void> {
  const { port, plane, region, instances, waitS } = options;
  const account = options.account ?? accounts[plane ?? 'work'];
  const whereabouts = { region, account };
  const client = clientOf(options.client);
  const say = (text: string) => process.stderr.write(`host: ${text}\n`);
  const limits = { instances, waitS };
  const host = await openCatalogueHost({
    catalog,
    plane,
    environment: { PAPILIO_REGION: region, ...handedOn() },
    clock: systemClock,
    whereabouts,
    limits,
    client,
  });
  try {
    const onDropped = ({ name, requestId }: { name: string; requestId: string }, why: string) =>
      say(`event ${requestId} of ${name} is given up: ${why}`);
    const door = await openLambdaDoor({ runner: host, whereabouts, clock: systemClock, port, onDropped });
    const count = host.list().length;
    process.stdout.write(`${count} functions of account ${account} at ${door.url}, under ${client.title}\n`);
    const { gatewayPort, gatewayFolder } = options;
    const gateway =
      gatewayPort === undefined ? undefined : await openCatalogueGateway(host, gatewayPort, gatewayFolder);
    if (gateway) process.stdout.write(`gateway at ${gateway.url}, password in ${gatewayFolder}\n`);
    await stopSignal();
    await Promise.all([door.close(), gateway?.close(), host.close(10_000)]);
  } finally {
    await host.close();
  }
}

async function list({ json = false }: { readonly json?: boolean }): Promise<void> {
  const codes = await bundleFunctions(Object.entries(catalog).map(([name, entry]) => ({ name, entry })));
  const budgets: Readonly<Record<string, number>> = bundleBudgetKb;
  const rows = [...codes.values()]
    .map(({ name, sizeBytes, sha256 }) => ({
      name,
      sizeKb: Math.ceil(sizeBytes / 1000),
      budgetKb: budgets[name] ?? 0,
      sha256,
    }))
    .sort((one, other) => other.sizeKb - one.sizeKb);
  const line = (row: (typeof rows)[number]) =>
    `${row.name.padEnd(24)}${String(row.sizeKb).padStart(6)}${String(row.budgetKb).padStart(8)}  ${row.sha256.slice(0, 12)}`;
  process.stdout.write(json ? `${JSON.stringify(rows)}\n` : `${rows.map(line).join('\n')}\n`);
}

function readCount(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError('A number of processes is 1 to 9999.');
  return Number(value);
}

function readSeconds(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('A number of seconds is 0 to 9999.');
  return Number(value);
}

try {
  await program.parseAsync();
} catch (error) {
  const port = serve.getOptionValue('port');
  const message = error instanceof Error ? error.message : String(error);
  const text = hasCode(error, 'EADDRINUSE')
    ? `port ${port} is in use; choose another one or stop who uses it`
    : message;
  process.stderr.write(`host: ${text}\n`);
  process.exitCode = 1;
}
