import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Role } from '#schema/access';
import { decide } from '../../../functions/access/decide.ts';
import { type PolicyName, policyNames, policyOf } from '../../../functions/access/policies.ts';
import { aPerson } from '../../builders/an-api-with-people.ts';

const page = readFileSync(new URL('../../../docs/operators/roles-and-tokens.md', import.meta.url), 'utf8');
const lines = page
  .split('\n')
  .filter((line) => /^\| `[a-z-]+\.[a-z-]+` \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const cellOf = (role: Role, name: PolicyName): string => {
  const person = aPerson({ roles: [role], facilities: ['bnl'] });
  if (decide(person, name).isAllowed) return '✓';
  return decide(person, name, { owner: person.id, facility: 'bnl' }).isAllowed ? 'own' : '';
};

it('the page of roles says of every policy that is not simply open to all who may', () => {
  const special = policyNames.filter((name) => !policyOf(name).isRead || !policyOf(name).roles.includes('viewer'));
  const expected = special.map((name) => [
    `\`${name}\``,
    policyOf(name).says,
    ...Role.options.map((role) => cellOf(role, name)),
  ]);
  expect(lines).toEqual(expected);
});

it('the page of roles names each role', () => {
  for (const role of Role.options) expect(page).toContain(`| \`${role}\` |`);
});
