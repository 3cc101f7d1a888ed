import ts from 'typescript';
import type { Step } from './shell.ts';
import { initializerOf, nodesOf, placeOf, productSources } from './sources.ts';

/** Code that handles files which somebody else has put there: the DAQ, a payload. */
const guarded = [
  ...['functions/adapters/incoming/', 'functions/adapters/objects/', 'functions/adapters/batch/local-output.ts'],
  ...['functions/lib/ended-attempt.ts', 'local/front/job-logs.ts'],
];

/** Functions of node:fs that read, change or describe what a link leads to, with or without `Sync`. */
const following = new Set([
  ...['appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'createReadStream', 'createWriteStream', 'open', 'openAsBlob'],
  ...['readFile', 'realpath', 'stat', 'truncate', 'utimes', 'writeFile'],
]);

/** A call that follows links and may, by how it begins. */
type Excused = { readonly file: string; readonly call: string; readonly because: string };
const ownObject =
  'objects lie under names that papilio made; what others put there is opened by withSource when it is put';
const ownLink = 'it asks where a link leads in order to refuse it; what is put is opened by withSource';
const excused: readonly Excused[] = [
  ...[
    { file: 'functions/adapters/objects/disk-read.ts', call: "withFile(disk, await shelf.dataPath(key), 'r'" },
    { file: 'functions/adapters/objects/disk-read.ts', call: 'disk.readFile(await shelf.dataPath(key))' },
    { file: 'functions/adapters/objects/disk-shelf.ts', call: "withFile(disk, path, 'w'" },
    { file: 'functions/adapters/objects/disk-shelf.ts', call: 'disk.readFile(facts)' },
  ].map((one) => ({ ...one, because: ownObject })),
  { file: 'functions/adapters/objects/memory.ts', call: 'disk.readFile(path)', because: 'only tests have it' },
  ...['realpath(wanted)', 'realpath(folder)', 'stat(found)'].map((call) => ({
    ...{ file: 'functions/adapters/batch/local-output.ts', call, because: ownLink },
  })),
  {
    file: 'functions/lib/ended-attempt.ts',
    call: 'statSync(path)',
    because: 'only its time is looked at, after it was opened without following a link',
  },
];

/** Names that an import of node:fs brings, and what they are there; a whole module is all of it. */
const namesOf = ({ importClause: clause }: ts.ImportDeclaration): readonly (readonly [string, string])[] => {
  const whole = clause?.name === undefined ? [] : [[clause.name.text, '*'] as const];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return whole;
  if (ts.isNamespaceImport(bindings)) return [...whole, [bindings.name.text, '*']];
  return [
    ...whole,
    ...bindings.elements.map(({ name, propertyName }) => [name.text, (propertyName ?? name).text] as const),
  ];
};

const importsOf = (file: ts.SourceFile): ReadonlyMap<string, string> =>
  new Map(
    file.statements
      .filter(ts.isImportDeclaration)
      .filter(({ moduleSpecifier }) => /^['"](?:node:)?fs(?:\/promises)?['"]$/.test(moduleSpecifier.getText()))
      .flatMap(namesOf),
  );

/** The function of node:fs that is called; undefined for all else. */
const calledOf = ({ expression }: ts.CallExpression, imports: ReadonlyMap<string, string>): string | undefined => {
  if (ts.isIdentifier(expression)) return imports.get(expression.text);
  const owner = ts.isPropertyAccessExpression(expression) ? expression.expression.getText().split('.')[0] : undefined;
  const isWhole = owner !== undefined && ['*', 'promises'].includes(imports.get(owner) ?? '');
  return isWhole && ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
};

/** Whether a call says that links are not followed: by its flags, or by a constant of the file that holds them. */
const refusesLinks = (call: ts.CallExpression): boolean =>
  call.arguments
    .flatMap((one) => [one, ...(ts.isIdentifier(one) ? [initializerOf(one.text, one.getSourceFile())] : [])])
    .some((one) => /\bO_NOFOLLOW\b/.test(one?.getText() ?? ''));

/** The port `disk`, and the helper that opens by it, take what a link leads to unless they are told `r-plain`. */
const portFollows = ({ expression, arguments: given }: ts.CallExpression): boolean => {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  return (
    name === 'readFile' ||
    (/^(?:open|withFile)$/.test(name) && given.some((one) => /^'(?:r|r\+|a|w)'$/.test(one.getText())))
  );
};

const isFollowing = (call: ts.CallExpression, imports: ReadonlyMap<string, string>): boolean => {
  const called = calledOf(call, imports)?.replace(/Sync$/, '');
  return called === undefined ? portFollows(call) : following.has(called) && !refusesLinks(call);
};

const excuseFor = (call: ts.CallExpression): Excused | undefined =>
  excused.find(({ file, call: start }) => file === call.getSourceFile().fileName && call.getText().startsWith(start));

const followingCalls = (files: readonly ts.SourceFile[]): readonly ts.CallExpression[] =>
  files
    .filter(({ fileName }) => guarded.some((start) => fileName.startsWith(start)))
    .flatMap((file) => {
      const imports = importsOf(file);
      return nodesOf(file)
        .filter(ts.isCallExpression)
        .filter((call) => isFollowing(call, imports));
    });

/** Calls in guarded files that follow links without an excuse. */
export const linkProblems = (files: readonly ts.SourceFile[]): readonly string[] =>
  followingCalls(files)
    .filter((call) => excuseFor(call) === undefined)
    .map(
      (call) =>
        `${placeOf(call)}: ${call.getText().split('\n')[0]?.slice(0, 80)} follows a link that somebody else may have left: open it with r-plain, withSource or O_NOFOLLOW, look by lstat, or say in tests/check/links.ts why it may`,
    );

/** Files that somebody else has put there are never taken from where a link leads. */
export const linksStep: Step = {
  name: 'links',
  run: async () => {
    const files = await productSources();
    const used = new Set(followingCalls(files).map(excuseFor));
    const unused = excused
      .filter((one) => !used.has(one))
      .map(({ file, call }) => `tests/check/links.ts excuses ${call} in ${file}, which is not there`);
    return [...linkProblems(files), ...unused];
  },
};
