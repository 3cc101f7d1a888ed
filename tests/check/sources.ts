import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { root, tool } from './shell.ts';

/** A file as TypeScript reads it. */
export const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);

/** Where a node stands, as `path:line`. */
export const placeOf = (node: ts.Node): string => {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
};

/** All nodes below one, itself included. */
export const nodesOf = (node: ts.Node): readonly ts.Node[] => {
  const found: ts.Node[] = [];
  const visit = (one: ts.Node): void => {
    found.push(one);
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
};

/** What a constant of a file is set to. */
export const initializerOf = (name: string, file: ts.SourceFile): ts.Expression | undefined =>
  file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .find((one) => one.name.getText() === name)?.initializer;

const read = async (): Promise<readonly ts.SourceFile[]> => {
  const folders = ['functions', 'local', 'clients', 'stacks'];
  const { stdout } = await tool('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders]);
  const paths = stdout.split('\n').filter((path) => /\.(ts|mjs|cjs)$/.test(path));
  const texts = await Promise.all(
    // A file that is in the index and was just deleted has no text.
    paths.map(async (path) => [path, await readFile(join(root, path), 'utf8').catch(() => '')] as const),
  );
  if (texts.length === 0) throw new Error('no file was looked at');
  return texts.map(([path, text]) => parse(path, text));
};

let known: Promise<readonly ts.SourceFile[]> | undefined;

/** The code that runs at a user's: all but tests. It is read once for all steps. */
export const productSources = (): Promise<readonly ts.SourceFile[]> => {
  known ??= read();
  return known;
};
