import { installedPackages, type Package } from './lock-file.ts';
import type { Step } from './shell.ts';

/** Licences under which papilio may be given to anybody, by their SPDX names. */
const everywhere = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense'],
]);
/** And those of tools, which are not given on. */
const tools = new Set(['MPL-2.0', 'Python-2.0']);

/** Packages whose manifest says it wrong, and what their licence file says. */
const misnamed: ReadonlyMap<string, string> = new Map([
  // "UNLICENSE" means that nobody may use it; its file is the Unlicense, by which anybody may.
  ['js-object-utilities', 'Unlicense'],
]);

const isAllowed = ({ name, licence, isDev }: Package): boolean =>
  (misnamed.get(name) ?? licence)
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => everywhere.has(one) || (isDev && tools.has(one))));

/** Packages under a licence that is not on the list. */
export const licenceProblems = (packages: readonly Package[]): readonly string[] =>
  packages
    .filter((one) => !isAllowed(one))
    .map(
      ({ name, version, licence, isDev }) =>
        `${name}@${version} (${isDev ? 'a tool' : 'runs at users’'}) is under ${licence}, which is not on the list of tests/check/licences.ts`,
    );

/** How many packages are under each licence. */
export const licencesOf = (packages: readonly Package[]): string =>
  [...Map.groupBy(packages, ({ name, licence }) => misnamed.get(name) ?? licence)]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([licence, under]) => `${licence} ${under.length}`)
    .join(', ');

/** Everything that papilio is installed from may be used and given on. */
export const licencesStep: Step = {
  name: 'licences',
  run: async () => licenceProblems(await installedPackages()),
  note: async () => licencesOf(await installedPackages()),
};
