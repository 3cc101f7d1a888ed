import { analyse, type Report } from 'scslre';
import ts from 'typescript';
import { rescansOf } from './rescans.ts';
import type { Step } from './shell.ts';
import { initializerOf, nodesOf, placeOf, productSources } from './sources.ts';

/** A regular expression of the code; one that is put together when papilio runs is known by examples. */
export type Expression = { readonly place: string; readonly source: string; readonly flags: string };

/** An expression that is put together at run time: in which file, from what (without the $ of its holes), and what comes of it, for example. */
type Composed = { readonly file: string; readonly from: string; readonly examples: readonly RegExp[] };

/**
 * Its parts are no text from outside. Where `from` no longer stands in the code the row is to be looked at again, and its
 * examples with it.
 */
export const composed: readonly Composed[] = [
  {
    file: 'functions/api/ids.ts',
    from: "`^(?:{forms.join('|')})$`",
    examples: [
      /^(?:swf\.\d{1,8}\.\d{6,8}\.stf|\d{8}-\d{8}|(?:[A-Za-z0-9-]+_)?stf_[A-Za-z0-9_-]+|(?:[A-Za-z0-9-]+_)?output_[A-Za-z0-9_-]+)$/,
      /^(?:[A-Za-z0-9][A-Za-z0-9-]{0,39}|(?:[A-Za-z0-9-]+_)?period_[A-Za-z0-9][A-Za-z0-9-]{0,39})$/,
      /^(?:\d{1,8}|(?:[A-Za-z0-9-]+_)?run_\d{1,8})$/,
    ],
  },
  {
    file: 'functions/api/plugins/methods.ts',
    from: "`^{url.replace(/[.*+?^{}()|[\\]\\\\]/g, '\\\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`",
    examples: [/^\/v1\/executions\/[^/]+\/map-runs\/[^/]+\/items$/],
  },
  {
    file: 'functions/lib/schema/id.ts',
    from: "`^(0|[1-9][0-9]{0,{most.length - 2}}|{below.join('|')}|{most})$`",
    examples: [/^(0|[1-9][0-9]{0,2}|[1-3][0-9]{3}|40[0-8][0-9]{1}|409[0-5]{1}|4096)$/],
  },
  {
    file: 'local/stepfunctions/distributed/readers/csv.ts',
    from: '`["\\\\n\\\\\\\\\\\\{delimiter}]`',
    examples: [/["\n\\,]/g, /["\n\\|]/g],
  },
];

const withoutHoles = (text: string): string => text.replaceAll('${', '{');

/** The text that a constant expression is, of literals and constants of the same file; undefined for all else. */
const textOf = (node: ts.Expression | undefined): string | undefined => {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isIdentifier(node)) return textOf(initializerOf(node.text, node.getSourceFile()));
  if (!ts.isTemplateExpression(node)) return undefined;
  const parts = node.templateSpans.map(({ expression, literal }) => {
    const value = textOf(expression);
    return value === undefined ? undefined : `${value}${literal.text}`;
  });
  return parts.includes(undefined) ? undefined : `${node.head.text}${parts.join('')}`;
};

const literalOf = (node: ts.RegularExpressionLiteral): Expression => {
  const end = node.text.lastIndexOf('/');
  return { place: placeOf(node), source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
};

const examplesOf = (file: string, from: string): readonly RegExp[] | undefined =>
  composed.find((one) => one.file === file && one.from === from)?.examples;

/** The expressions that a call of `RegExp` makes; the text of a problem if nobody can say. */
const constructed = (node: ts.NewExpression | ts.CallExpression): readonly (Expression | string)[] => {
  const place = placeOf(node);
  const [first, second] = node.arguments ?? [];
  const source = textOf(first);
  const flags = second === undefined ? '' : textOf(second);
  if (source !== undefined && flags !== undefined) return [{ place, source, flags }];
  const examples = examplesOf(node.getSourceFile().fileName, withoutHoles(first?.getText() ?? ''));
  return (
    examples?.map((one) => ({ place, source: one.source, flags: one.flags })) ?? [
      `${place}: nobody can say what this expression is: write it as a literal, or give examples in tests/check/expressions.ts`,
    ]
  );
};

/** The regular expressions of a file, and what is wrong where one cannot be told. */
export const expressionsIn = (file: ts.SourceFile): readonly (Expression | string)[] =>
  nodesOf(file).flatMap((node) => {
    if (ts.isRegularExpressionLiteral(node)) return [literalOf(node)];
    const isMade = ts.isNewExpression(node) || ts.isCallExpression(node);
    return isMade && node.expression.getText() === 'RegExp' ? constructed(node) : [];
  });

const why = ({ type, exponential, character }: Report): string => {
  const growth = exponential ? 'exponentially' : 'with the square of its length';
  const cause = {
    Move: 'it is tried anew from each place: bound its repetition, or say what may not stand before it',
    Self: 'a repetition reads the same text in several ways',
    Trade: 'two repetitions share the same text: let the second begin with what the first cannot read',
  };
  return `its work grows ${growth} on a text of many ${JSON.stringify(character.pick)}: ${cause[type]}`;
};

/** An expression that is not linear on every text, and why no text that it is given makes it slow. */
type Excused = { readonly file: string; readonly expression: string; readonly because: string };
const excused: readonly Excused[] = [
  {
    file: 'functions/adapters/identity/strict-json.ts',
    expression: String.raw`/"(?:[^"\\]|\\.)*"(\s*:)?/gs`,
    because: 'it reads what JSON.parse has taken, in which every string has an end',
  },
];

/** Whether an expression is let pass, for a reason that is written down. */
export const isExcused = ({ place, source, flags }: Expression): boolean =>
  excused.some(({ file, expression }) => place.startsWith(`${file}:`) && expression === `/${source}/${flags}`);

/** Why an expression is not linear; none if it is. */
export const problemsOf = (one: Expression): readonly string[] => {
  const form = `${one.place}: /${one.source}/${one.flags}`;
  const reports = analyse({ source: one.source, flags: one.flags }).reports.map((report) => `${form}: ${why(report)}`);
  const again = `is tried anew from each place of what it reads: bound it, or exclude what stands before it`;
  return isExcused(one) ? [] : [...reports, ...rescansOf(one).map((part) => `${form}: ${part} ${again}`)];
};

/** All that is wrong with the expressions of some files. */
export const expressionProblems = (files: readonly ts.SourceFile[]): readonly string[] =>
  files.flatMap(expressionsIn).flatMap((one) => (typeof one === 'string' ? [one] : problemsOf(one)));

const unused = (files: readonly ts.SourceFile[]): readonly string[] =>
  [...composed, ...excused.map(({ file, expression }) => ({ file, from: expression }))]
    .filter(({ file, from }) => !files.some((one) => one.fileName === file && withoutHoles(one.text).includes(from)))
    .map(({ file, from }) => `tests/check/expressions.ts names ${from}, which is not in ${file}`);

/** Regular expressions take time in proportion to the text, whoever sent it. */
export const expressionsStep: Step = {
  name: 'regular expressions',
  run: async () => {
    const files = await productSources();
    return [...expressionProblems(files), ...unused(files)];
  },
};
