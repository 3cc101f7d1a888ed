import type { Command } from 'commander';
import * as z from 'zod';
import { createProgram } from '../../clients/cli/program.ts';
import { anApi } from '../builders/an-api.ts';

/** The OpenAPI document as the application serves it. */
export const openapiDocument = async (): Promise<string> => {
  await using api = await anApi();
  await api.app.ready();
  return `${JSON.stringify(api.app.swagger(), null, 2)}\n`;
};

const Method = z.enum(['get', 'post']);
const Parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  description: z.string().optional(),
});
const Operation = z.object({
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  parameters: z.array(Parameter).default([]),
});
const Document = z.object({
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.partialRecord(Method, Operation)),
});
type Operation = z.output<typeof Operation>;

const parametersOf = ({ parameters }: Operation): string[] =>
  parameters.map(({ name, in: place, required, description }) => {
    const need = place === 'path' ? 'in the path' : required ? 'needed' : 'optional';
    return `- \`${name}\` (${need})${description === undefined ? '' : `: ${description}`}`;
  });

type Route = { readonly path: string; readonly method: z.output<typeof Method>; readonly operation: Operation };

/** What a route does: where its description says no more than its summary, that once. */
const textOf = ({ summary, description }: Operation): string =>
  [`${summary}.`, ...(description === undefined || description === `${summary}.` ? [] : [description])].join(' ');

const routeLines = ({ path, method, operation }: Route): string[] => [
  `### \`${method.toUpperCase()} ${path}\``,
  '',
  textOf(operation),
  ...(operation.parameters.length === 0 ? [] : ['', ...parametersOf(operation)]),
  '',
];

/** `docs/reference/http.md`. */
export const httpPage = async (): Promise<string> => {
  const { tags, paths } = Document.parse(JSON.parse(await openapiDocument()));
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Method.options.flatMap((method) => {
      const operation = operations[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
  const chapters = tags.flatMap(({ name, description }) => [
    `## ${description}`,
    '',
    ...routes.flatMap((route) => (route.operation.tags.includes(name) ? routeLines(route) : [])),
  ]);
  return `<!-- Made from functions/api by \`npm run docs\`; edit the routes, not this page. -->

# HTTP API

The front process answers on loopback, port 8714 unless told otherwise; \`front.json\` in the data folder names the
address. The whole description for programs is [openapi.json](openapi.json), served at \`/v1/openapi.json\`.

- Everything is under \`/v1\`, and only grows. What changes something is a \`POST\` with a reason (\`why\`), a token
  (\`Authorization: Bearer …\`: an issuer's, a machine's, or \`admin.token\` of the data folder) and, to be safe to repeat, an
  \`Idempotency-Key\`. [Roles](../operators/roles-and-tokens.md) says who may what.
- Every answer carries \`papilio-request-id\`, \`papilio-build\` and \`papilio-instance\`.
- Failures are problem details (RFC 9457) with \`code\`, \`requestId\`, \`help\` and \`retryable\`; codes are in
  [errors](errors.md) and at \`/v1/errors/{code}\`.
- Lists answer \`{items, next}\` and a \`Link\` with \`rel="next"\`; \`next\` is opaque and goes back as \`cursor\`.
- Ids are taken as people type them: \`swf.102363.000001.stf\`, \`00102363-00000001\`, \`102363\`, with or without the instance.
- A question with \`waitMs\` is answered when there is news. Positions such as \`a1042-w99317\` are places in both event logs.
- Requests under another host name than the machine's own, or that of \`PAPILIO_PUBLIC_URL\`, are refused.

\`\`\`sh
curl -s http://127.0.0.1:8714/v1/status
curl -s 'http://127.0.0.1:8714/v1/events?after=a0-w0&type=stf&waitMs=10000'
\`\`\`

${chapters.join('\n').trimEnd()}
`;
};

/** What a command prints for \`--help\`. */
const helpOf = async (names: readonly string[]): Promise<string> => {
  let text = '';
  const out = { columns: 100, write: (more: string) => (text += more) };
  let command: Command | undefined = await createProgram({ out, err: out, signal: new AbortController().signal });
  for (const name of names) command = command?.commands.find((one) => one.name() === name);
  command?.outputHelp();
  return text.replace(/\nGlobal Options:\n(.+\n)+/, '').trim();
};

const leavesOf = (command: Command, names: readonly string[] = []): string[][] =>
  command.commands.length === 0
    ? [[...names]]
    : command
        .createHelp()
        .visibleCommands(command)
        .filter((one) => one.name() !== 'help')
        .flatMap((one) => leavesOf(one, [...names, one.name()]));

/** `docs/reference/cli.md`. */
export const cliPage = async (): Promise<string> => {
  const silent = { write: () => undefined };
  const program = await createProgram({ out: silent, err: silent, signal: new AbortController().signal });
  const chapters = await Promise.all(
    leavesOf(program).map(
      async (names) => `## papilio ${names.join(' ')}\n\n\`\`\`text\n${await helpOf(names)}\n\`\`\``,
    ),
  );
  return `<!-- Made from clients/cli by \`npm run docs\`; edit the commands, not this page. -->

# Command line

In a clone of the project \`papilio\` is \`npm run papilio --\`. Data go to stdout, talk to stderr; \`NO_COLOR\` is
respected. An error shows its code, its cause and what to try.

\`\`\`text
${await helpOf([])}
\`\`\`

${chapters.join('\n\n')}
`;
};
