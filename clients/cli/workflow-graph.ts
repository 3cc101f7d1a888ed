import * as z from 'zod';
import { UsageError } from './failure.ts';

/** A transition: where it leads, and when. */
export type Edge = { readonly to: string; readonly label: string; readonly isCatch: boolean };
/** A state as it is drawn. */
export type Node = {
  readonly name: string;
  readonly type: string;
  readonly isStart: boolean;
  readonly isEnd: boolean;
  readonly edges: readonly Edge[];
  /** Its branches, or its item processor. */
  readonly scopes: readonly Graph[];
};
/** The states of a machine, a branch or an item processor, in the order in which they are reached. */
export type Graph = readonly Node[];

const Target = z.object({ Next: z.string().optional() });
const Rule = z.looseObject({ Next: z.string().optional() });
const State = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  End: z.boolean().optional(),
  Choices: z.array(Rule).default([]),
  Catch: z.array(Target.extend({ ErrorEquals: z.array(z.string()).default([]) })).default([]),
  Branches: z.array(z.unknown()).default([]),
  ItemProcessor: z.unknown().optional(),
  Iterator: z.unknown().optional(),
});
type State = z.infer<typeof State>;
const Machine = z.object({ StartAt: z.string(), States: z.record(z.string(), State) });
type Machine = z.infer<typeof Machine>;

const Condition = z.looseObject({ Condition: z.string().optional(), Variable: z.string().optional() });

/** A condition in short: `$.pass IsPresent true`, `{% $n > 1 %}`, `And(…)`. */
const condition = (rule: object): string => {
  const {
    Condition: expression,
    Variable: variable,
    Next: _next,
    Comment: _comment,
    Assign: _assign,
    Output: _output,
    ...rest
  } = Condition.parse(rule);
  if (expression !== undefined) return expression;
  const [operator = '', operand] = Object.entries(rest)[0] ?? [];
  return variable === undefined ? `${operator}(…)` : `${variable} ${operator} ${JSON.stringify(operand)}`;
};

const edge = (to: string | undefined, label: string, isCatch = false): readonly Edge[] =>
  to === undefined ? [] : [{ to, label, isCatch }];

const edgesOf = (state: State): Edge[] => [
  ...state.Choices.flatMap((rule) => edge(rule.Next, condition(rule))),
  ...edge(state.Default, 'else'),
  ...edge(state.Next, ''),
  ...state.Catch.flatMap(({ Next: to, ErrorEquals: errors }) => edge(to, errors.join(', '), true)),
];

const isLast = ({ Type: type, End: end }: State): boolean => end === true || type === 'Succeed' || type === 'Fail';

const scopesOf = (state: State): readonly unknown[] =>
  [...state.Branches, state.ItemProcessor, state.Iterator].filter((scope) => scope !== undefined);

/** Names in the order in which they are reached from the start; what nothing leads to comes last. */
const inOrder = ({ StartAt: start, States: states }: Machine): readonly string[] => {
  const seen = new Set<string>([start]);
  // A set goes on to what is added while it is walked.
  for (const name of seen) for (const { to } of states[name] ? edgesOf(states[name]) : []) seen.add(to);
  return [...new Set([...seen, ...Object.keys(states)])];
};

const graphOf = (value: unknown): Graph => {
  const machine = Machine.parse(value);
  return inOrder(machine).flatMap((name) => {
    const state = machine.States[name];
    if (state === undefined) return [];
    const isStart = name === machine.StartAt;
    const scopes = scopesOf(state).map(graphOf);
    return [{ name, type: state.Type, isStart, isEnd: isLast(state), edges: edgesOf(state), scopes }];
  });
};

/** Reads a definition, as far as a picture needs it. @throws UsageError for what is no state machine */
export const readGraph = (text: string): Graph => {
  try {
    return graphOf(JSON.parse(text));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error).split('\n').slice(0, 2).join(' ') : String(error);
    throw new UsageError(`no state machine: ${reason}`, 'papilio workflow validate FILE');
  }
};

const nodeLines = (node: Node, indent: string): string[] => [
  `${indent}${node.isStart ? '▶' : ' '} ${node.name} (${node.type})${node.isEnd ? ' ■' : ''}`,
  ...node.scopes.flatMap((scope, at) => [
    ...(node.scopes.length > 1 ? [`${indent}    branch ${at + 1}`] : []),
    ...graphLines(scope, `${indent}    `),
  ]),
  ...node.edges.map(({ to, label, isCatch }) => `${indent}    ${isCatch ? '✗ ' : ''}${label && `${label} `}→ ${to}`),
];

/** A graph as text: each state with its transitions under it, branches and item processors set in. */
export function graphLines(graph: Graph, indent = ''): string[] {
  return graph.flatMap((node) => nodeLines(node, indent));
}
