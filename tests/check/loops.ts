import ts from 'typescript';
import type { Step } from './shell.ts';
import { nodesOf, placeOf, productSources } from './sources.ts';

/** Code that reads what others have written, character by character or piece by piece. */
const readers = [
  ...['clients/bridge/stomp-', 'functions/adapters/identity/', 'functions/api/plugins/', 'functions/lib/model/'],
  ...['local/engine/framing.ts', 'local/stepfunctions/distributed/readers/', 'local/stepfunctions/expressions/'],
  ...['local/stepfunctions/validation/', 'functions/daq/', 'functions/streaming/'],
];

const isEndless = (node: ts.Node): node is ts.IterationStatement => {
  if (ts.isForStatement(node)) return node.condition === undefined || node.condition.getText() === 'true';
  return (ts.isWhileStatement(node) || ts.isDoStatement(node)) && /^(?:true|1)$/.test(node.expression.getText());
};

/** Whether the line above a loop says why it ends: `// Ends: each round …`. */
const saysWhy = (loop: ts.Node): boolean => {
  const text = loop.getSourceFile().text;
  const above = ts.getLeadingCommentRanges(text, loop.getFullStart()) ?? [];
  return above.some(({ pos, end }) => /^\/\/ Ends: \S/.test(text.slice(pos, end)));
};

const canLeave = (loop: ts.IterationStatement): boolean =>
  nodesOf(loop.statement).some(
    (node) => ts.isReturnStatement(node) || ts.isBreakStatement(node) || ts.isThrowStatement(node),
  );

/** Loops without a condition, in code that reads what others have written, that do not say what bounds them. */
export const loopProblems = (files: readonly ts.SourceFile[]): readonly string[] =>
  files
    .filter(({ fileName }) => readers.some((start) => fileName.startsWith(start)))
    .flatMap((file) => nodesOf(file).filter(isEndless))
    .filter((loop) => !(saysWhy(loop) && canLeave(loop)))
    .map(
      (loop) =>
        `${placeOf(loop)}: a loop over outside input without a bound: give it a condition, or say above it why it ends (// Ends: …)`,
    );

/** No text or file from outside keeps a reader busy for ever. */
export const loopsStep: Step = { name: 'loops', run: async () => loopProblems(await productSources()) };
