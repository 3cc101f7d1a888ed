import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Me, QuotaLine } from '#schema/me';
import { createClient } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { type Context, contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import { readGlobalOptions } from '../global-options.ts';
import type { Io } from '../io.ts';
import { Login, openProfiles, type ProfileBook, profileName, type Session } from '../profiles.ts';
import { readStdin } from '../stdin.ts';
import { facts } from '../table.ts';
import { dateAndTime, harmless } from '../words.ts';

const Options = z.object({
  issuer: z.url().optional(),
  clientId: z.string().optional(),
  clientSecretFile: z.string().optional(),
  scope: z.string().optional(),
  audience: z.string().optional(),
  withToken: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

const publicClient = 'papilio-cli';
const Wish = z.object({
  issuer: z.url().optional(),
  clientId: z.string().default(publicClient),
  scope: z.string().optional(),
  audience: z.string().optional(),
  secretFile: z.string().optional(),
});

/** `offline_access` lets a login be renewed without the person. */
const scopes = 'openid offline_access compute.read compute.create compute.modify compute.cancel';
const machineScopes = 'compute.read compute.create compute.modify compute.cancel';

/** How the token is got: as told, else as the profile got it before. */
const loginOf = ({ withToken, clientSecretFile, ...given }: Options, before: Login | undefined): Login => {
  if (withToken) return { kind: 'token' };
  const known = before?.kind === 'token' ? {} : { ...before };
  const file = clientSecretFile === undefined ? {} : { secretFile: resolve(clientSecretFile) };
  const { issuer, secretFile, ...wish } = Wish.parse({ ...known, ...given, ...file });
  if (issuer === undefined)
    throw new UsageError('--issuer is missing', 'the address of who gives out tokens, or --with-token');
  if (secretFile === undefined) return Login.parse({ kind: 'device', scope: scopes, ...wish, issuer });
  return Login.parse({ kind: 'client', scope: machineScopes, ...wish, issuer, secretFile });
};

const sessionBy = async (login: Login, io: Io): Promise<Session> => {
  if (login.kind === 'token') return { accessToken: (await readStdin(io)).trim() };
  const { logIn } = await import('../oidc-login.ts');
  const show = ({ url, code }: { url: string; code: string }) =>
    void io.err.write(harmless(`open ${url}\nand check that it shows the code ${code}\n`));
  return logIn(login, { show, signal: io.signal });
};

/** A token goes in the clear to this machine only. */
const safeUrl = (url: string): string => {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return url;
  throw new UsageError(`${url} would be shown the token in the clear`, '--url https://…');
};

const quotaWords: Readonly<Record<string, string>> = {
  requests: 'requests',
  waiting: 'waiting requests',
  streams: 'live streams',
  bodyBytes: 'bytes of bodies',
  tokensAlive: 'tokens that hold',
  tokensMade: 'tokens made',
};

/** Such as `requests  12 of 6000 in 60 s`. */
const quotaLine = ({ name, most, used, windowS }: QuotaLine): [string, string] => [
  quotaWords[name] ?? name,
  `${used} of ${most}${windowS === undefined ? '' : ` in ${windowS} s`}`,
];

const meLines = (me: Me): string[] =>
  facts([
    ['you are', me.name === undefined ? me.id : `${me.id}, ${me.name}`],
    ['known by', me.from],
    ['roles', me.roles.join(', ') || 'none'],
    ['facilities', me.facilities.join(', ') || undefined],
    ['groups', me.groups.join(', ') || undefined],
    ['until', me.expiresAt && `${dateAndTime(me.expiresAt)} UTC`],
    ...(me.quotas ?? []).map(quotaLine),
  ]);

const showMe = ({ one }: Context, me: Me): void => one(me, { name: me.id, lines: meLines });

/** The profile that is meant, and the book that it is in. */
type Place = { readonly book: ProfileBook; readonly name: string; readonly url: string | undefined };

const logInTo = async (context: Context, { book, name, url: told }: Place, options: Options): Promise<void> => {
  const { io } = context;
  const before = book.find(name);
  const url = told ?? before?.url;
  if (url === undefined) throw new UsageError('--url is missing', 'papilio login --url https://papilio.example');
  const login = loginOf(options, before?.login);
  const session = await sessionBy(login, io);
  // A token that papilio does not take is not kept.
  const client = createClient(safeUrl(url), { token: session.accessToken, signal: io.signal });
  const me = await client.call(api.getMe);
  book.save(name, { url, login });
  book.keep(name, session);
  book.use(name);
  io.err.write(`logged in to ${url} as profile ${name}\n`);
  showMe(context, me);
};

const logOutOf = async ({ io }: Context, { book, name }: Place): Promise<void> => {
  const { login } = book.need(name);
  const session = book.session(name);
  if (session === undefined) {
    io.err.write(`nobody is logged in as profile ${name}\n`);
    return;
  }
  // Whatever the issuer says: here the token is gone.
  book.forget(name);
  if (login === undefined || login.kind === 'token') return;
  const { revoke } = await import('../oidc-login.ts');
  if (!(await revoke(login, session))) io.err.write(`${login.issuer} ends no tokens before their time\n`);
};

const placeOf = (command: Command): Place => {
  const options = readGlobalOptions(command);
  const book = openProfiles(options);
  return { book, name: profileName(options.profile ?? book.all().current ?? 'default'), url: options.url };
};

/** Without a profile that is not there yet, which `login` is about to make. */
const contextWithoutProfile = (command: Command, io: Io): Context => {
  const { url = 'http://127.0.0.1:8714' } = readGlobalOptions(command);
  return contextOf(command, io, { url, token: undefined, profile: undefined });
};

/** `papilio login`. */
export const addLogin = (program: Command, io: Io): void => {
  program
    .command('login')
    .description('get a token and keep it for a papilio: in a browser, by a client’s secret, or one that is piped in')
    .addOption(new Option('--issuer <url>', 'who gives out tokens').env('PAPILIO_ISSUER'))
    .addOption(
      new Option('--client-id <id>', `as the issuer knows the client (default: ${publicClient})`).env(
        'PAPILIO_CLIENT_ID',
      ),
    )
    .option('--client-secret-file <file>', 'client credentials, for a machine: the file is read at each renewal')
    .option('--scope <scopes>', 'what the token is to be good for')
    .option('--audience <audience>', 'whom the token is for, if the issuer has to be told')
    .option('--with-token', 'take the token that is piped in')
    .addHelpText(
      'after',
      `
Examples:
  papilio login --url https://papilio.example --issuer https://iam.example
  papilio login --url https://papilio.example --issuer https://iam.example --client-id pilot --client-secret-file secret
  papilio login --url https://papilio.example --profile jlab --with-token < token`,
    )
    .action(async (raw, command: Command) => {
      await logInTo(contextWithoutProfile(command, io), placeOf(command), Options.parse(raw));
    });
};

/** `papilio logout`. */
export const addLogout = (program: Command, io: Io): void => {
  program
    .command('logout')
    .description('forget the token of a profile, and let the issuer end it')
    .addHelpText('after', '\nExample:\n  papilio logout --profile jlab')
    .action((_raw, command: Command) => logOutOf(contextWithoutProfile(command, io), placeOf(command)));
};

/** `papilio whoami`. */
export const addWhoami = (program: Command, io: Io): void => {
  program
    .command('whoami')
    .description('who papilio takes you for, how it knows, your roles and quotas')
    .addHelpText('after', '\nExamples:\n  papilio whoami\n  papilio whoami --json may')
    .action(async (_raw, command: Command) => {
      const context = contextOf(command, io);
      const me = await context.client.call(api.getMe);
      showMe(context, me);
    });
};
