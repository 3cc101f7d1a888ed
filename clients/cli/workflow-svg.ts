import type { Graph, Node } from './workflow-graph.ts';

/** A box with a place of its own, in pixels. */
type Box = { readonly node: Node; readonly width: number; readonly height: number; readonly inner: readonly Picture[] };
type Placed = Box & { readonly x: number; readonly y: number; readonly row: number };
type Picture = { readonly boxes: readonly Placed[]; readonly width: number; readonly height: number };

const charWidth = 7;
const lineHeight = 18;
const padding = 14;
const gap = { x: 30, y: 46 } as const;
/** Beside the boxes, for transitions that lead back. */
const margin = 40;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Text of strangers as XML takes it. */
const xml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => escapes[char] ?? char).replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}');

const short = (text: string, chars = 40): string => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const most = (numbers: readonly number[]): number => numbers.reduce((largest, each) => Math.max(largest, each), 0);

const boxOf = (node: Node): Box => {
  const inner = node.scopes.map(layOut);
  const title = Math.max(short(node.name).length, node.type.length) * charWidth;
  const innerWidth = sum(inner.map(({ width }) => width)) + gap.x * Math.max(0, inner.length - 1);
  return {
    node,
    inner,
    width: Math.max(90, title, innerWidth) + padding * 2,
    height: lineHeight * 2 + padding + most(inner.map(({ height }) => height + padding)),
  };
};

/** The row of each state: below all that come before it and lead to it. Cost: states and transitions. */
const rowsOf = (graph: Graph): ReadonlyMap<string, number> => {
  const order = new Map(graph.map(({ name }, at) => [name, at]));
  const rows = new Map<string, number>();
  for (const { name, edges } of graph) {
    const row = rows.get(name) ?? 0;
    rows.set(name, row);
    const later = edges.filter(({ to }) => (order.get(to) ?? -1) > (order.get(name) ?? 0));
    for (const { to } of later) rows.set(to, Math.max(rows.get(to) ?? 0, row + 1));
  }
  return rows;
};

/** Rows under each other, each in the middle. */
function layOut(graph: Graph): Picture {
  const rowOf = rowsOf(graph);
  const rows: Box[][] = [];
  for (const node of graph) {
    const row = rowOf.get(node.name) ?? 0;
    const boxes = rows[row] ?? [];
    boxes.push(boxOf(node));
    rows[row] = boxes;
  }
  const widthOf = (row: readonly Box[]): number => sum(row.map(({ width }) => width)) + gap.x * (row.length - 1);
  const width = most(rows.map((row) => widthOf(row ?? []))) + margin * 2;
  let y = padding;
  const boxes: Placed[] = [];
  for (const [at, row] of rows.entries()) {
    let x = (width - widthOf(row ?? [])) / 2;
    for (const box of row ?? []) {
      boxes.push({ ...box, x, y, row: at });
      x += box.width + gap.x;
    }
    y += most((row ?? []).map(({ height }) => height)) + gap.y;
  }
  return { boxes, width, height: y - gap.y + padding };
}

type Line = { readonly d: string; readonly x: number; readonly y: number };

const down = (from: Placed, to: Placed): Line => {
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const end = { x: to.x + to.width / 2, y: to.y };
  const half = (end.y - start.y) / 2;
  const d = `M${start.x} ${start.y} C${start.x} ${start.y + half} ${end.x} ${end.y - half} ${end.x} ${end.y}`;
  return { d, x: start.x + (end.x - start.x) * 0.75, y: start.y + half * 1.3 };
};

const across = (from: Placed, to: Placed): Line => {
  const isLeft = to.x < from.x;
  const [startX, endX] = isLeft ? [from.x, to.x + to.width] : [from.x + from.width, to.x];
  const y = from.y + Math.min(from.height, to.height) / 2;
  return { d: `M${startX} ${y} L${endX} ${y}`, x: (startX + endX) / 2, y: y - 4 };
};

/** Around the right side. */
const back = (from: Placed, to: Placed): Line => {
  const [startX, endX] = [from.x + from.width, to.x + to.width];
  const side = Math.max(startX, endX) + margin * 0.8;
  const [startY, endY] = [from.y + from.height / 2, to.y + to.height / 2];
  const d = `M${startX} ${startY} C${side} ${startY} ${side} ${endY} ${endX} ${endY}`;
  return { d, x: side, y: (startY + endY) / 2 };
};

const lineOf = (from: Placed, to: Placed): Line => {
  if (to.row > from.row) return down(from, to);
  return to.row === from.row && to.x !== from.x ? across(from, to) : back(from, to);
};

const edgeSvg = (from: Placed, places: ReadonlyMap<string, Placed>): string[] =>
  from.node.edges.flatMap(({ to, label, isCatch }) => {
    const target = places.get(to);
    if (target === undefined) return [];
    const { d, x, y } = lineOf(from, target);
    const text = label === '' ? '' : `<text class="label" x="${x}" y="${y}">${xml(short(label, 24))}</text>`;
    return [`<path class="${isCatch ? 'catch' : 'next'}" d="${d}" marker-end="url(#arrow)"/>${text}`];
  });

const boxSvg = ({ node, x, y, width, height, inner }: Placed): string[] => {
  const middle = x + width / 2;
  let left = x + padding;
  const nested = inner.flatMap((picture) => {
    const shift = `<g transform="translate(${left} ${y + lineHeight * 2 + padding / 2})">`;
    left += picture.width + gap.x;
    return [shift, ...pictureSvg(picture), '</g>'];
  });
  const kind = `${node.isStart ? ' start' : ''}${node.isEnd ? ' end' : ''}`;
  return [
    `<rect class="state${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    `<text class="name" x="${middle}" y="${y + lineHeight}">${xml(short(node.name))}</text>`,
    `<text class="type" x="${middle}" y="${y + lineHeight * 2 - 4}">${xml(node.type)}</text>`,
    ...nested,
  ];
};

function pictureSvg({ boxes }: Picture): string[] {
  const places = new Map(boxes.map((box) => [box.node.name, box]));
  return [...boxes.flatMap((box) => edgeSvg(box, places)), ...boxes.flatMap(boxSvg)];
}

const style = `text{font:13px sans-serif;text-anchor:middle;fill:#222}.type{font-size:11px;fill:#666}.label{font-size:11px;fill:#345;stroke:#fafafa;stroke-width:3;paint-order:stroke}
.state{fill:#fff;stroke:#456;stroke-width:1.2}.start{stroke-width:3}.end{stroke-dasharray:5 2}
.next{fill:none;stroke:#456}.catch{fill:none;stroke:#b33;stroke-dasharray:4 3}`;

const arrow =
  '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#456"/></marker>';

/** A graph as an SVG picture that stands alone: states in rows, transitions as arrows, what catches errors dashed. */
export const graphSvg = (graph: Graph): string => {
  const picture = layOut(graph);
  const { width, height } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${style}</style><defs>${arrow}</defs><rect width="100%" height="100%" fill="#fafafa"/>`,
    ...pictureSvg(picture),
    '</svg>',
  ].join('\n');
};
