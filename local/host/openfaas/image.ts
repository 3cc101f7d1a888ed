import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PapilioError } from '#lib/errors';
import { bundleRoot } from '../bundle/recipe.ts';
import type { FunctionCode } from '../function-code.ts';

const containerfile = fileURLToPath(new URL('../Containerfile', import.meta.url));

const program = fileURLToPath(import.meta.resolve('./container-program.ts'));

/** What is wrong with a container's environment is the last line that it says. */
const programText = `
import { runContainer } from ${JSON.stringify(program)};
runContainer().catch((error) => {
  process.stderr.write('papilio: ' + error.message + '\\n');
  process.exit(1);
});
`;

/** The program of a container, as one file. */
const programOf = async (): Promise<Uint8Array> => {
  const contents = programText;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bundleRoot, sourcefile: 'container.entry.ts', loader: 'ts' },
    absWorkingDir: bundleRoot,
    ...{ bundle: true, platform: 'node', target: 'node24', format: 'cjs', minify: true, legalComments: 'none' },
    ...{ outfile: `${bundleRoot}dist/container.cjs`, write: false, logLevel: 'error' },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new PapilioError('bug', 'esbuild made nothing of the program of a container');
  return file.contents;
};

/**
 * Writes the folder in which a function's image is built: the function, the program that serves it, and the Containerfile.
 * @throws folder-unusable if there is something in it
 */
export const writeImageFolder = async (code: FunctionCode, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new PapilioError('folder-unusable', `${folder} is not empty`);
  await writeFile(join(folder, 'container.cjs'), await programOf());
  await cp(code.folder, join(folder, 'task'), { recursive: true });
  await cp(containerfile, join(folder, 'Containerfile'));
};

/** How the image of a function is built in its folder, for a person to run. */
export const buildCommandOf = (
  name: string,
  limits: { readonly memoryMb: number; readonly timeoutS: number },
): string => {
  const { memoryMb, timeoutS } = limits;
  const values = `--build-arg FUNCTION=${name} --build-arg MEMORY_MB=${memoryMb} --build-arg TIMEOUT_S=${timeoutS}`;
  return `podman build ${values} -t papilio-${name} .`;
};
