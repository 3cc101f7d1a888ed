import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import { checkFolder } from '../../../../local/doctor/folder-checks.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { anAuditedFolder, type Manipulation, manipulate, manipulations } from '../../../builders/an-audited-folder.ts';

const problemsOf = async (folder: string): Promise<string[]> => {
  const checks = await checkFolder(folder, { config: readConfig(), isDeep: true });
  return checks.filter(({ level, of }) => level === 'problem' && of === 'work').map(({ what }) => what);
};

test.each<Manipulation>([
  'all denied lines are deleted',
  'who did an act is changed',
  'all acts are deleted',
  'an event is changed and its hash left',
])('a deep examination reports a problem when %s', async (manipulation) => {
  using folder = aFolder();
  await anAuditedFolder(folder.path);
  expect(await problemsOf(folder.path)).toEqual([]);
  manipulate(folder.path, manipulations[manipulation]);
  expect(await problemsOf(folder.path)).not.toEqual([]);
});
