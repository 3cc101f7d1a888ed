import { Chars, isPotentiallyZeroLength, toUnicodeSet } from 'regexp-ast-analysis';
import { type AnalysisResult, analyse } from 'scslre';

type Parsed = AnalysisResult['parsed'];
type Flags = Parsed['flags'];
type Alternative = Parsed['pattern']['alternatives'][number];
type Element = Alternative['elements'][number];
type Quantifier = Extract<Element, { type: 'Quantifier' }>;
type Assertion = Extract<Element, { type: 'Assertion' }>;
type CharSet = ReturnType<typeof Chars.word>;
type Node = Element | Alternative | Parsed['pattern'];

const insideOf = (node: Node): readonly Node[] => {
  if ('alternatives' in node) return node.alternatives;
  if (node.type === 'Alternative') return node.elements;
  return node.type === 'Quantifier' ? [node.element] : [];
};

/** All characters that stand anywhere in a part. */
const charsIn = (node: Node, flags: Flags): CharSet => {
  if (node.type === 'Character' || node.type === 'CharacterSet' || node.type === 'CharacterClass')
    return toUnicodeSet(node, flags).chars;
  return insideOf(node).reduce((all, one) => all.union(charsIn(one, flags)), Chars.empty(flags));
};

/** Whether an assertion can hold within a text of such characters only, at more places than its ends. */
const holdsWithin = (assertion: Assertion, chars: CharSet, flags: Flags): boolean => {
  if (assertion.kind === 'lookahead') return true;
  if (assertion.kind === 'word')
    return !chars.isSubsetOf(Chars.word(flags)) && !chars.isDisjointWith(Chars.word(flags));
  if (assertion.kind !== 'lookbehind') return flags.multiline && !chars.isDisjointWith(Chars.lineTerminator(flags));
  const alternatives: readonly Alternative[] = assertion.alternatives;
  const isOneChar = alternatives.every(({ elements }) => elements.length === 1 && elements[0]?.type.startsWith('Char'));
  return !(assertion.negate && isOneChar && chars.isSubsetOf(charsIn(assertion, flags)));
};

/** Whether a part can be read within a text of such characters only. */
const fitsWithin = (node: Node, chars: CharSet, flags: Flags): boolean => {
  if (node.type === 'Assertion') return holdsWithin(node, chars, flags);
  if (node.type === 'Backreference') return true;
  if (node.type === 'Quantifier') return node.min === 0 || fitsWithin(node.element, chars, flags);
  if (node.type === 'Alternative') return node.elements.every((one) => fitsWithin(one, chars, flags));
  const inside = insideOf(node);
  if (inside.length > 0) return inside.some((one) => fitsWithin(one, chars, flags));
  return !charsIn(node, flags).isDisjointWith(chars);
};

const quantifiersIn = (node: Node): readonly Quantifier[] => [
  ...(node.type === 'Quantifier' && node.max === Number.POSITIVE_INFINITY ? [node] : []),
  ...insideOf(node).flatMap(quantifiersIn),
];

/** What stands before a part and what after it, on its way through the expression; and whether it only looks. */
const aroundOf = (quantifier: Quantifier) => {
  const before: Element[] = [];
  const after: Element[] = [];
  let looks = false;
  for (let node: Element = quantifier; ; ) {
    const parent: Quantifier | Node | Element['parent'] = node.parent;
    if (parent.type === 'Quantifier') {
      node = parent;
      continue;
    }
    if (parent.type !== 'Alternative') break;
    const at = parent.elements.indexOf(node);
    before.unshift(...parent.elements.slice(0, at));
    after.push(...parent.elements.slice(at + 1));
    if (parent.parent.type === 'Pattern') break;
    node = parent.parent;
    looks ||= node.type === 'Assertion';
  }
  return { before, after, looks };
};

/**
 * The repetitions that an expression can begin at each place of a text, and run through to its end each time: nothing holds
 * its start (`^`), what stands before the repetition can stand in what it reads, and what comes after it can fail. So
 * `/\$\{([^}]*)\}/` for `${${${…`. It may name one that is harmless, and names all whose beginning it can tell.
 */
export const rescansOf = ({
  source,
  flags,
}: {
  readonly source: string;
  readonly flags: string;
}): readonly string[] => {
  const { parsed } = analyse({ source, flags });
  if (parsed.flags.sticky) return [];
  return quantifiersIn(parsed.pattern)
    .filter((quantifier) => {
      const { before, after, looks } = aroundOf(quantifier);
      const chars = charsIn(quantifier.element, parsed.flags);
      const mayFail =
        looks || after.some((one) => one.type === 'Assertion' || !isPotentiallyZeroLength(one, parsed.flags));
      return mayFail && before.every((one) => fitsWithin(one, chars, parsed.flags));
    })
    .map(({ raw }) => raw);
};
