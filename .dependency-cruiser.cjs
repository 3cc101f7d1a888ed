// Who may import whom. Each rule is planted and must be caught: tests/check/planted-imports.ts.
const area = '^functions/(?!lib/|api/|adapters/)([^/]+)/';
const engine = '^local/(engine|sqs|stepfunctions)/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const everywhere = [
  {
    name: 'no-cycles',
    comment: 'Of code that runs: a type may name the one who uses it, for types are gone when modules load.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  { name: 'no-unresolvable', from: {}, to: { couldNotResolve: true } },
  { name: 'tests-are-never-imported', from: { pathNot: '^tests/' }, to: { path: '^tests/' } },
  {
    name: 'no-development-packages',
    comment: 'What runs in production is named in "dependencies".',
    from: { path: '^(functions|clients|stacks|local)/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'only-the-bridge-and-adapters-speak-aws',
    from: { path: '^(functions|clients)/', pathNot: '^(functions/(adapters/|lib/deps\\.ts$)|clients/bridge/)' },
    to: { path: 'node_modules/@aws-sdk/' },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const functions = [
  {
    name: 'areas-do-not-import-areas',
    comment: 'They meet in a state machine, in an event, or in api.',
    from: { path: area },
    to: { path: '^functions/(?!lib/)[^/]+/', pathNot: '^functions/$1/' },
  },
  {
    name: 'nothing-but-the-api-imports-a-function-file',
    from: { path: '^functions/', pathNot: '^functions/api/' },
    to: { path: '\\.fn\\.ts$' },
  },
  {
    name: 'pure-files-stay-pure',
    comment: 'Schemas, models, the error catalogue and pure files of the same area: no port, clock, log, environment.',
    from: { path: area, pathNot: '\\.fn\\.ts$' },
    to: { pathNot: '^functions/(lib/(schema|model)/|lib/(errors|config)\\.ts$|$1/)|node_modules/zod/' },
  },
  {
    name: 'pure-files-read-no-environment',
    comment: 'They may name the type of a setting; its value is handed to them.',
    from: { path: area, pathNot: '\\.fn\\.ts$' },
    to: { path: '^functions/lib/config\\.ts$', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'functions-know-only-functions',
    from: { path: '^functions/' },
    to: { path: '^(local|clients|stacks)/' },
  },
  {
    name: 'shared-code-by-its-alias',
    comment: 'Within a folder ./x.ts; from another folder #lib/x, #schema/x, #ports/x.',
    from: { path: '^(functions|clients|local)/', pathNot: '^functions/lib/' },
    to: { path: '^functions/lib/', dependencyTypesNot: ['aliased-subpath-import'] },
  },
  { name: 'catalogue-is-data', from: { path: '^functions/catalog\\.ts$' }, to: { pathNot: '^functions/lib/schema/' } },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const lib = [
  {
    name: 'schema-imports-only-zod',
    from: { path: '^functions/lib/schema/' },
    to: { pathNot: '^functions/lib/schema/|node_modules/zod/' },
  },
  {
    name: 'ports-are-types',
    from: { path: '^functions/lib/ports/' },
    to: { pathNot: '^functions/lib/(ports|schema)/' },
  },
  {
    name: 'ports-import-types-only',
    from: { path: '^functions/lib/ports/' },
    to: { path: '^functions/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'model-imports-schema-only',
    from: { path: '^functions/lib/model/' },
    to: { pathNot: '^functions/lib/(model|schema)/|node_modules/(zod|@node-rs/crc32)/|^(node:)?crypto$' },
  },
  {
    name: 'lib-knows-no-area',
    from: { path: '^functions/lib/' },
    to: { path: '^functions/(?!lib/|adapters/|catalog\\.ts$)' },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const adapters = [
  {
    name: 'only-deps-names-adapters',
    from: { path: '^(functions|clients|stacks|local)/', pathNot: '^functions/(lib/deps\\.ts$|adapters/)' },
    to: { path: '^functions/adapters/' },
  },
  {
    name: 'deps-loads-adapters-lazily',
    comment: 'await import(kind): a bundle carries only what it uses.',
    from: { path: '^functions/lib/deps\\.ts$' },
    to: { path: '^functions/adapters/', dynamic: false, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'adapters-know-ports-and-plain-lib',
    comment: 'A store writes the event log in the transaction of its records, so it knows that neighbour.',
    from: { path: '^functions/adapters/([^/]+)/' },
    to: {
      path: '^functions/',
      pathNot:
        '^functions/(adapters/($1|event-log)/|catalog\\.ts$|lib/(schema|ports|model)/|lib/(?!deps\\.ts$|function\\.ts$)[a-z-]+\\.ts$)',
    },
  },
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const outside = [
  {
    name: 'clients-speak-http',
    from: { path: '^clients/', pathNot: '^clients/bridge/' },
    to: { path: '^(functions/(?!lib/schema/)|stacks/|local/)' },
  },
  {
    name: 'bridge-knows-schema-and-catalogue',
    from: { path: '^clients/bridge/' },
    to: {
      path: '^(functions/(?!lib/(schema|model)/|lib/errors\\.ts$|catalog\\.ts$)|stacks/|local/|clients/(?!bridge/))',
    },
  },
  {
    name: 'stacks-load-no-code',
    from: { path: '^stacks/' },
    to: { path: '^(functions/(?!catalog\\.ts$|lib/schema/)|local/|clients/)' },
  },
  {
    name: 'local-runs-the-catalogue',
    comment:
      'The catalogue, lib, function files, the api, the bridge, the live view and the way to the front’s socket; never the inside of an area.',
    from: { path: '^local/' },
    to: {
      path: '^(functions|clients|stacks)/',
      pathNot:
        '^(functions/(lib/|api/|adapters/|catalog\\.ts$|[^/]+/[^/]+\\.fn\\.ts$)|clients/(bridge/|cli/view\\.ts$|http/socket-fetch\\.ts$))',
    },
  },
  {
    name: 'the-engine-stands-alone',
    comment:
      'Step Functions and SQS know schema, ports, clock, disk, private files and names of the machine, and the contract between them; nothing else of papilio.',
    from: { path: engine },
    to: {
      path: '^(functions|clients|stacks|local)/',
      pathNot: `^functions/lib/((schema|ports)/|(system-clock|node-disk|own-host|private-file)\\.ts$)|${engine}`,
    },
  },
  {
    name: 'services-meet-in-the-engine',
    comment: 'The engine hosts both services; a service sees of it only local/engine/part.ts.',
    from: { path: '^local/(sqs|stepfunctions)/' },
    to: { path: engine, pathNot: '^local/($1/|engine/part\\.ts$)' },
  },
];

module.exports = {
  forbidden: [...everywhere, ...functions, ...lib, ...adapters, ...outside].map((rule) => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|dist|coverage|\\.papilio)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
