import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import spectral from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { anApi } from '../builders/an-api.ts';
import { breaksOf } from './openapi-compare.ts';
import { root, type Step } from './shell.ts';

/** The document of the last release; until there is one, the document that this began with. */
const releasedFile = 'docs/reference/openapi-released.json';

const currentDocument = async () => {
  await using api = await anApi();
  await api.app.ready();
  return api.app.swagger();
};

/** Every rule for OpenAPI that spectral has, but those that do not fit. */
const unfit: ReadonlySet<string> = new Set([
  // Whom to write to is known where papilio runs, not where it is made.
  'info-contact',
  // OpenAPI 3.1 has `identifier` in its place.
  'license-url',
  // They stand in the order in which somebody reads them.
  'openapi-tags-alphabetical',
]);

/** What spectral finds in a document. */
export const lintOf = async (document: object): Promise<string[]> => {
  const linter = new spectral.Spectral();
  linter.setRuleset(new spectral.Ruleset({ extends: [[rulesets.oas, 'all']] }));
  const found = (await linter.run(JSON.stringify(document))).filter(({ code }) => !unfit.has(String(code)));
  return found.map(({ code, message, path }) => `${code}: ${message} (${path.join(' ')})`);
};

/** That the check itself works: a document without anything is found wanting. */
const plantedProblems = async (): Promise<string[]> => {
  const found = await lintOf({ openapi: '3.1.0', info: { title: 'x' }, paths: { '/x/': { get: {} } } });
  return ['info-description', 'operation-operationId', 'path-keys-no-trailing-slash'].flatMap((rule) =>
    found.some((line) => line.startsWith(rule)) ? [] : [`spectral does not find a planted ${rule}`],
  );
};

async function check(): Promise<readonly string[]> {
  const document = await currentDocument();
  const released: unknown = JSON.parse(await readFile(join(root, releasedFile), 'utf8'));
  const breaks = breaksOf(released, JSON.parse(JSON.stringify(document)));
  return [
    ...(await lintOf(document)),
    ...(await plantedProblems()),
    ...breaks.map((line) => `breaks clients: ${line}`),
  ];
}

/** The document of the HTTP API is sound, and nothing in it breaks who uses the last release. */
export const openapiStep: Step = { name: 'OpenAPI', run: check };
