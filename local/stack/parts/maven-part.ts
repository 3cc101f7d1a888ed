import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { partHome } from './part-home.ts';
import { must, run, type Say } from './python-part.ts';
import { whileInstalling } from './while-installing.ts';

/** What Maven Central is asked for: `group:artifact:version`. */
type Coordinates = `${string}:${string}:${string}`;

/** A part that comes from Maven Central, with all that it needs, as jars in one folder. */
export type MavenPart = {
  readonly name: string;
  readonly version: string;
  readonly lib: string;
  /** Why it cannot be had on this machine; undefined if it can. */
  readonly whyNot: () => string | undefined;
  readonly isInstalled: () => boolean;
  /** Installs it into the cache, if it is not there. @throws what Maven says */
  readonly install: (say?: Say) => void;
};

const neededJava = 17;

/** The major version of the Java there is; 0 without one. */
const javaVersion = (): number => {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
};

/** Where the Java that is on the path lives: the folder above its `bin`. */
export const javaHome = (): string => {
  const { stdout } = spawnSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' });
  return dirname(dirname(realpathSync((stdout ?? '').trim())));
};

const dependencyOf = (coordinates: Coordinates): string => {
  const [group, artifact, version] = coordinates.split(':');
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
};

const pomOf = (coordinates: readonly Coordinates[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>papilio</groupId><artifactId>parts</artifactId><version>1</version>
  <dependencies>${coordinates.map(dependencyOf).join('')}</dependencies>
</project>
`;

/** Describes a part: its jars, and what else is done once they are there. */
export const mavenPart = (
  name: string,
  version: string,
  coordinates: readonly Coordinates[],
  finish: (home: string) => void = () => undefined,
): MavenPart => {
  const home = partHome(name, version);
  const lib = join(home, 'lib');
  const mark = join(home, 'installed');
  const whole = `${coordinates.join(' ')}\n`;
  const isInstalled = (): boolean => existsSync(mark) && readFileSync(mark, 'utf8') === whole;
  const install = (say?: Say): void => {
    say?.(`${name} ${version}: Maven fetches ${coordinates.join(' ')}`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'pom.xml'), pomOf(coordinates));
    const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`, '-DincludeScope=runtime'];
    must(run('mvn', args, home));
    finish(home);
    // The last thing: an installation that was cut off begins anew, with what Maven has already fetched.
    writeFileSync(mark, whole);
  };
  return {
    name,
    version,
    lib,
    isInstalled,
    whyNot: () => {
      if (javaVersion() < neededJava) return `it needs Java ${neededJava} or newer`;
      if (isInstalled() || spawnSync('mvn', ['--version']).status === 0) return undefined;
      return 'it needs Maven to be installed by';
    },
    install: (say) => {
      if (!isInstalled()) whileInstalling(home, () => void (isInstalled() || install(say)));
    },
  };
};
