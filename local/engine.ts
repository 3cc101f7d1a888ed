import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '#lib/system-clock';
import { addBackupCommands } from './engine/backup/backup-commands.ts';
import { collectHostName, readAccount, readPort, stopSignal } from './engine/command-line.ts';
import { hasCode } from './engine/disk.ts';
import { addDoctorCommand } from './engine/doctor/doctor-command.ts';
import { openEngine } from './engine/engine.ts';
import { folderObjects } from './engine/folder-objects.ts';
import { addEndpointOptions, type EndpointOptions, endpointsOf } from './engine/integrations/endpoint-options.ts';
import { folderS3 } from './engine/integrations/folder-s3.ts';
import { type AskingEngine, createIntegrations } from './engine/integrations/integrations.ts';
import { s3Objects } from './engine/integrations/s3-objects.ts';
import { invokeAt, noFunctions } from './engine/lambda-endpoint.ts';
import { enginePages } from './engine/pages.ts';
import { type PortGuard, serveEngine } from './engine/server.ts';
import { readKeys } from './engine/signing/keys.ts';
import { createVerifier } from './engine/signing/verifier.ts';
import { addTracingOptions, type OtlpCommandOptions, tracingOf } from './engine/tracing/tracing-options.ts';
import { addLocalOptions, type LocalOptions, openLocalServices } from './events/options.ts';
import type { Objects } from './stepfunctions/distributed/objects.ts';

/** Step Functions and SQS of one account, on a folder and a loopback port of their own. */
type Options = EndpointOptions &
  LocalOptions &
  OtlpCommandOptions & {
    readonly port: number;
    readonly data: string;
    readonly account: string;
    readonly lambdaEndpoint?: string;
    readonly objects?: string;
    readonly segmentBytes?: number;
    readonly hostName?: readonly string[];
    readonly credentials?: string;
  };

const serve = new Command('serve')
  .description('Serves AWS Step Functions and SQS on 127.0.0.1, durable in a folder.')
  .requiredOption('--port <port>', 'TCP port on 127.0.0.1, 0 for any free one', readPort)
  .requiredOption('--data <folder>', 'folder of the journal; made if it is not there')
  .option('--account <number>', 'account number in ARNs and queue URLs', readAccount, '111111111111')
  .option(
    '--host-name <name>',
    'a name besides localhost to answer under, such as host.docker.internal; may be repeated',
    collectHostName,
  )
  .option('--credentials <file>', 'answer only what is signed by a key of this file, as AWS has it; mode 600')
  .addOption(
    new Option('--lambda-endpoint <url>', 'Lambda Invoke API that runs functions')
      .env('PAPILIO_LAMBDA_ENDPOINT')
      .argParser(readUrl),
  )
  .option('--objects <folder>', 'folder whose folders are the buckets of distributed Maps and Task states')
  .addOption(
    new Option(
      '--s3-endpoint <url>',
      'S3 that Task states and distributed Maps reach; AWS_ACCESS_KEY_ID and so on sign',
    )
      .env('AWS_ENDPOINT_URL_S3')
      .argParser(readUrl)
      .conflicts('objects'),
  )
  .addOption(
    new Option('--segment-bytes <bytes>', 'a larger file of the journal is sealed').argParser(Number).hideHelp(),
  )
  .addOption(new Option('--s3-key <id>').env('AWS_ACCESS_KEY_ID').hideHelp())
  .addOption(new Option('--s3-secret <text>').env('AWS_SECRET_ACCESS_KEY').hideHelp())
  .action(run);

const program = new Command('engine')
  .description('AWS Step Functions and SQS of one account, durable in a folder.')
  .addCommand(serve, { isDefault: true })
  .addHelpText('after', '\nWithout a command it serves; engine serve --help says with which options.');
addBackupCommands(program);
addDoctorCommand(program);
addEndpointOptions(serve);
addLocalOptions(serve);
addTracingOptions(serve);

function objectsOf(options: Options): Objects | undefined {
  const { objects, awsEndpoint, s3Endpoint: url = awsEndpoint, awsRegion: region = 'us-east-1' } = options;
  if (objects !== undefined) return folderObjects(objects);
  return url === undefined ? undefined : s3Objects(url, endpointsOf(options), region);
}

/** The services that options name, by name: those whose option ends in `-endpoint`. */
function calledBy(options: Options): Record<string, string> {
  const named = Object.entries(options).filter(([name]) => name.endsWith('Endpoint'));
  return Object.fromEntries(named.map(([name, url]) => [name.replace(/Endpoint$/, ''), String(url)]));
}

async function guardOf({ hostName = [], credentials }: Options): Promise<PortGuard> {
  if (credentials === undefined) return { hostNames: hostName };
  return { hostNames: hostName, verify: createVerifier(await readKeys(credentials), systemClock) };
}

async function run(options: Options): Promise<void> {
  const { port, data, account, lambdaEndpoint, segmentBytes } = options;
  const invoke = lambdaEndpoint === undefined ? noFunctions : invokeAt(lambdaEndpoint);
  const objects = objectsOf(options);
  const guard = await guardOf(options);
  const local = await openLocalServices(options, systemClock, (what) => process.stderr.write(`engine: ${what}\n`));
  const files = options.objects !== undefined && { s3: folderS3(folderObjects(options.objects)) };
  const services = (asking: AskingEngine) =>
    createIntegrations(endpointsOf(options), asking, () => ({ ...local.services(asking), ...files }));
  const sizes = segmentBytes && { segmentBytes };
  const tracing = tracingOf(options);
  const engine = await openEngine({ folder: data, account, invoke, objects, services, tracing, ...sizes });
  const courier = local.start({ call: engine.call, account });
  try {
    const pages = enginePages(engine, calledBy(options));
    const server = await serveEngine({ call: engine.call, listen: { port }, guard, pages });
    const { cut } = engine.stats().recovery;
    if (cut) {
      process.stderr.write(`${cut.file}: cut a torn tail of ${cut.droppedBytes} bytes at byte ${cut.offsetBytes}\n`);
    }
    process.stdout.write(`Step Functions and SQS of account ${account} at ${server.address}\n`);
    await stopSignal();
    await server.close();
  } finally {
    await courier?.close();
    await engine.close();
  }
}

function readUrl(value: string): string {
  if (!URL.canParse(value)) throw new InvalidArgumentError(`${value} is not a URL.`);
  return value;
}

try {
  await program.parseAsync();
} catch (error) {
  const port = serve.getOptionValue('port');
  const message = error instanceof Error ? error.message : String(error);
  const text = hasCode(error, 'EADDRINUSE')
    ? `port ${port} is in use; choose another one or stop who uses it`
    : message;
  process.stderr.write(`engine: ${text}\n`);
  process.exitCode = 1;
}
