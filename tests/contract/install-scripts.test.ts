import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder with bootstrap, and two packages beside it whose scripts leave a mark when they run at an installation. */
const aProject = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-scripts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const file of ['.npmrc', 'local/bootstrap.mjs']) await cp(join(root, file), join(folder, file));
  for (const name of ['listed', 'stranger']) {
    const mark = `node -e "require('fs').writeFileSync('${join(folder, name)}-ran', '')"`;
    const manifest = { name, version: '1.0.0', scripts: { preinstall: mark, postinstall: mark } };
    await mkdir(join(folder, 'packages', name, 'package'), { recursive: true });
    await writeFile(join(folder, 'packages', name, 'package/package.json'), JSON.stringify(manifest));
    spawnSync('tar', ['-czf', `${name}.tgz`, '-C', name, 'package'], { cwd: join(folder, 'packages') });
  }
  const dependencies = { listed: 'file:packages/listed.tgz', stranger: 'file:packages/stranger.tgz' };
  const project = { private: true, dependencies, devDependencies: {}, allowScripts: { listed: true } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await writeFile(
    join(folder, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies } } }),
  );
  return folder;
};

test('installing runs the scripts of packages that are listed, and of no other', async () => {
  const folder = await aProject();
  // It ends without the pinned Node, which this project does not have; what it did before is what is looked at.
  const { stderr } = spawnSync(process.execPath, [join(folder, 'local/bootstrap.mjs'), 'start'], {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { PATH: process.env.PATH, HOME: folder, npm_config_offline: 'true' },
  });
  expect(await readdir(join(folder, 'node_modules')), stderr).toEqual(expect.arrayContaining(['listed', 'stranger']));
  const marks = (await readdir(folder)).filter((name) => name.endsWith('-ran'));
  expect(marks, stderr).toEqual(['listed-ran']);
});

test('npm in a clone runs none, whoever calls it', async () => {
  const folder = await aProject();
  const { status, stderr } = spawnSync('npm', ['install', '--no-save', '--offline'], {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { PATH: process.env.PATH, HOME: folder },
  });
  expect(status, stderr).toBe(0);
  expect((await readdir(folder)).filter((name) => name.endsWith('-ran'))).toEqual([]);
  expect(await readFile(join(folder, '.npmrc'), 'utf8')).toContain('ignore-scripts=true');
});
