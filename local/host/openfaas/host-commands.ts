import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '#lib/config';
import { PapilioError } from '#lib/errors';
import { createLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { type CatalogEntry, catalog } from '../../../functions/catalog.ts';
import { createReach } from '../../engine/http/reach.ts';
import { bundleFunctions } from '../bundle/bundle.ts';
import { usualOf } from '../catalogue-host.ts';
import type { FunctionHost } from '../runner.ts';
import { credentialsIn } from './authorization.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { buildCommandOf, writeImageFolder } from './image.ts';

const entries: ReadonlyMap<string, CatalogEntry> = new Map(Object.entries(catalog));

/** @throws record-missing */
const entryOf = (name: string): CatalogEntry => {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new PapilioError('record-missing', `function ${name}`);
};

const listOf = (text = ''): string[] => text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));

/** Opens the gateway of the functions of the catalogue; its password and its secrets lie in the folder. */
export const openCatalogueGateway = async (host: FunctionHost, port: number, folder: string): Promise<Gateway> => {
  const config = readConfig();
  // As the host deployed them: another name of a code finds the same services.
  const environments = new Map(host.list().map(({ spec }) => [spec.code, spec.environment]));
  const [, release = config.PAPILIO_BUILD] = /^papilio-([\w.-]+)/.exec(config.PAPILIO_BUILD) ?? [];
  return openGateway({
    ...{ host, port, release, clock: systemClock },
    log: createLog(config.PAPILIO_LOG_LEVEL, { part: 'gateway', instance: config.PAPILIO_INSTANCE }),
    credentials: await credentialsIn(folder),
    secretsFolder: join(folder, 'secrets'),
    reach: createReach(listOf(config.PAPILIO_ALLOW_PRIVATE_HTTP)),
    usual: (code) => ({ ...usualOf(entryOf(code)), environment: environments.get(code) ?? {} }),
  });
};

const writeImage = async (name: string, { to }: { readonly to: string }): Promise<void> => {
  const entry = entryOf(name);
  const code = (await bundleFunctions([{ name, entry }])).get(name);
  if (code === undefined) throw new PapilioError('bug', `function ${name} has no bundle`);
  await writeImageFolder(code, to);
  process.stdout.write(`${buildCommandOf(name, entry)}\n`);
};

/** `host image FUNCTION --to FOLDER`. */
export const imageCommand: Command = new Command('image')
  .description('Writes the folder in which the container image of a function is built, and prints the command.')
  .argument('<function>', 'name in the catalogue')
  .requiredOption('--to <folder>', 'an empty or new folder')
  .action(writeImage);
