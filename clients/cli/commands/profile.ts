import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { readGlobalOptions } from '../global-options.ts';
import type { Io } from '../io.ts';
import { type NamedProfile, openProfiles, type ProfileBook } from '../profiles.ts';
import { facts } from '../table.ts';
import { dateAndTime } from '../words.ts';

/** A profile as it is shown: never its token. */
type View = NamedProfile & { readonly isInUse: boolean; readonly isLoggedIn: boolean; readonly expiresAt?: string };

const viewOf = (book: ProfileBook, profile: NamedProfile): View => {
  const session = book.session(profile.name);
  return {
    ...profile,
    isInUse: book.all().current === profile.name,
    isLoggedIn: session !== undefined,
    ...(session?.expiresAt !== undefined && { expiresAt: session.expiresAt }),
  };
};

const loginWords = ({ login }: View): string | undefined =>
  login &&
  (login.kind === 'token' ? 'a token that was piped in' : `${login.kind}, ${login.clientId} at ${login.issuer}`);

const lines = (view: View): string[] =>
  facts([
    ['profile', view.name],
    ['address', view.url],
    ['in use', view.isInUse ? 'yes' : 'no'],
    ['login', loginWords(view)],
    ['logged in', view.isLoggedIn ? 'yes' : 'no'],
    ['token until', view.expiresAt && `${dateAndTime(view.expiresAt)} UTC`],
  ]);

const bookOf = (command: Command): ProfileBook => openProfiles(readGlobalOptions(command));

/** Profiles are on this machine: nothing is asked. */
const printer = (command: Command, io: Io) => contextOf(command, io, { profile: undefined, isDataNamed: false });

/** `papilio profile list|use|show`. */
export const addProfile = (program: Command, io: Io): void => {
  const profile = program.command('profile').description('each papilio that you have logged in to');
  profile
    .command('list')
    .description('all of them')
    .addHelpText('after', '\nExample:\n  papilio profile list')
    .action(async (_raw, command: Command) => {
      const book = bookOf(command);
      const items = book.all().profiles.map((one) => viewOf(book, one));
      await printer(command, io).list(async () => ({ items }), {
        columns: [
          { head: 'PROFILE', of: ({ name, isInUse }) => `${name}${isInUse ? ' *' : ''}` },
          { head: 'ADDRESS', of: ({ url }) => url },
          { head: 'LOGGED IN', of: ({ isLoggedIn }) => (isLoggedIn ? 'yes' : 'no') },
          { head: 'LOGIN', of: (view) => loginWords(view) ?? '–' },
        ],
        name: ({ name }) => name,
        wantsAll: false,
        none: 'you have logged in nowhere: papilio login --url URL',
      });
    });
  profile
    .command('show [profile]')
    .description('one of them: address, login, until when')
    .addHelpText('after', '\nExample:\n  papilio profile show jlab')
    .action((typed: string | undefined, _raw, command: Command) => {
      const book = bookOf(command);
      const name = typed ?? readGlobalOptions(command).profile ?? book.all().current ?? 'default';
      printer(command, io).one(viewOf(book, book.need(name)), { name, lines });
    });
  profile
    .command('use <profile>')
    .description('the one that is meant from now on where none is named')
    .addHelpText('after', '\nExample:\n  papilio profile use jlab')
    .action((name: string, _raw, command: Command) => bookOf(command).use(name));
};
