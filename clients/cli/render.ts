import type { Figures, Ribbon, Status } from '#schema/status';
import { type Canvas, fitted, type Piece, painted } from './line.ts';
import { brokenLines } from './render-broken.ts';
import { facetLines, flowLines, ratesWords, valueWords } from './render-flow.ts';
import { standingLines } from './render-planes.ts';
import { duration, timeOfDay } from './words.ts';

const label = (text: string, { colors }: Canvas): Piece => painted(text.padEnd(10), colors.dim);

/** Green while data are taken, yellow on the way there, plain otherwise. */
const ribbonPaint = (ribbon: Ribbon, { colors }: Canvas) => {
  if (ribbon.state === 'run' && ribbon.substate === 'physics') return colors.green;
  return ribbon.phase === 'ended' ? colors.dim : colors.yellow;
};

const stateWords = ({ phase, state, substate }: Ribbon): string => `${state ?? '?'}/${substate ?? '?'}, ${phase}`;

const ribbonLine = ({ ribbon, instance, wing, at }: Status, canvas: Canvas): Piece[] => {
  const { colors } = canvas;
  const head: Piece[] = [painted('papilio', colors.bold), ` ${instance} at ${wing}   `];
  if (!ribbon) return [...head, painted('no run was announced yet', colors.dim)];
  const age = duration(Math.max(0, Date.parse(at) - Date.parse(ribbon.since)));
  return [
    ...head,
    painted(`run ${ribbon.run}`, colors.bold),
    '  ',
    painted(`● ${stateWords(ribbon)}`, ribbonPaint(ribbon, canvas)),
    painted(`  for ${age}`, colors.dim),
  ];
};

type Counter = { readonly name: string; readonly value: number; readonly paint?: (text: string) => string };

/** Counters side by side, closer together where they would not fit otherwise. */
const counters = (name: string, all: readonly Counter[], canvas: Canvas): Piece[] => {
  const texts = all.map((one) => `${one.name} ${one.value}`);
  const length = texts.join('').length + 10;
  const gap = [3, 2].find((size) => length + size * (texts.length - 1) <= canvas.width) ?? 1;
  return [
    label(name, canvas),
    ...all.flatMap(({ value, paint }, at): Piece[] => {
      const text = `${texts[at]}`;
      return [' '.repeat(at === 0 ? 0 : gap), value > 0 && paint ? painted(text, paint) : text];
    }),
  ];
};

const barWidth = 16;

/** Processed, then the rest of archived, then what is only seen. */
const bar = ({ stfs }: Figures, { colors }: Canvas): Piece[] => {
  const cells = (count: number): number =>
    stfs.seen === 0 ? 0 : Math.round((Math.min(count, stfs.seen) / stfs.seen) * barWidth);
  const done = cells(stfs.processed);
  const kept = Math.max(done, cells(stfs.archived));
  return [
    painted('█'.repeat(done), colors.green),
    painted('▓'.repeat(kept - done), colors.cyan),
    painted('░'.repeat(barWidth - kept), colors.dim),
  ];
};

/** The two logs are read one after the other, so a part may be known before its whole. */
const percent = (part: number, whole: number): string =>
  whole === 0 ? '' : `${Math.min(100, Math.floor((100 * part) / whole))} % done`;

const stfLines = (figures: Figures, { waiting, lagMs, lagLimitMs }: Status, canvas: Canvas): Piece[][] => {
  const { colors } = canvas;
  const { seen, archived, processed, failed, quarantined, notStored = 0 } = figures.stfs;
  const lag = painted(
    `lag ${duration(lagMs)} of ${lagLimitMs / 1000} s`,
    lagMs > lagLimitMs ? colors.red : colors.green,
  );
  return [
    counters(
      'STFs',
      [
        { name: 'seen', value: seen },
        { name: 'archived', value: archived, paint: colors.cyan },
        ...(notStored > 0 ? [{ name: 'not stored', value: notStored, paint: colors.red }] : []),
        { name: 'processed', value: processed, paint: colors.green },
        { name: 'failed', value: failed, paint: colors.red },
        { name: 'quarantined', value: quarantined, paint: colors.yellow },
      ],
      canvas,
    ),
    [label('', canvas), ...bar(figures, canvas), `  ${percent(processed, seen)}`, `   waiting ${waiting}   `, lag],
  ];
};

const messageLine = ({ messages }: Figures, canvas: Canvas): Piece[] =>
  counters(
    'messages',
    [
      { name: 'seen', value: messages.seen },
      { name: 'repeated', value: messages.duplicate },
      { name: 'quarantined', value: messages.quarantined, paint: canvas.colors.yellow },
    ],
    canvas,
  );

const latencyLine = ({ latencyMs }: Figures, canvas: Canvas): Piece[] => [
  label('latency', canvas),
  `p50 ${duration(latencyMs.p50)}   p99 ${duration(latencyMs.p99)}`,
  painted('   from the message to its output', canvas.colors.dim),
];

/** Six hops fit into 80 columns. */
const hopWidth = 11;

/** `15 min 31 s` would touch what stands beside it: `15 min`. */
const fittingHop = (text: string): string => (text.length < hopWidth ? text : text.split(' ').slice(0, 2).join(' '));

const hopLines = ({ hops }: Figures, canvas: Canvas): Piece[][] => {
  const row = (name: string, values: readonly string[]): Piece[] => [
    label(name, canvas),
    ...values.map((value) => fittingHop(value).padEnd(hopWidth)),
  ];
  return [
    [label('hop', canvas), ...hops.map((hop) => painted(hop.name.padEnd(hopWidth), canvas.colors.dim))],
    row(
      '  p50',
      hops.map((hop) => duration(hop.p50Ms)),
    ),
    row(
      '  p99',
      hops.map((hop) => duration(hop.p99Ms)),
    ),
  ];
};

/** Figures that are of an earlier moment say so. */
const catchUpLines = ({ isCatchingUp, position, catchUpEnd = '' }: Status, { colors }: Canvas): Piece[][] =>
  isCatchingUp
    ? [[painted(`figures are as of event ${position} and still being counted, up to ${catchUpEnd}`, colors.yellow)]]
    : [];

/** The figures that a glance is about: of the run that is on, else of everything. */
export const figuresOf = (status: Status): Figures => status.current ?? status.total;

/** A status as lines of a terminal, none wider than it; what is broken comes first, cut short only where `rows` run out. */
export const renderStatus = (status: Status, canvas: Canvas, rows?: number): string[] => {
  const figures = figuresOf(status);
  const rest = [
    ribbonLine(status, canvas),
    ...catchUpLines(status, canvas),
    ...facetLines(status, canvas.colors),
    ...stfLines(figures, status, canvas),
    ...flowLines(status, canvas.colors),
    messageLine(figures, canvas),
    latencyLine(figures, canvas),
    ...hopLines(figures, canvas),
    ...standingLines(status, canvas),
  ];
  const broken = brokenLines(status, canvas, rows === undefined ? undefined : rows - rest.length);
  return [...broken, ...rest].map((pieces) => fitted(pieces, canvas.width));
};

/** What changes the plain line: everything that it shows but rates and the passing of time. */
export const plainFacts = (status: Status): string => {
  const { stfs, messages, latencyMs } = figuresOf(status);
  const { ribbon, broken, facets } = status;
  const state = ribbon ? `run ${ribbon.run} ${stateWords(ribbon)}` : 'no run yet';
  const known = facets
    .filter(({ facet }) => facet === 'stream' || facet === 'processing')
    .map((facet) => `  ${facet.facet} ${valueWords(facet, status)}`);
  const wrong = broken.length === 0 ? '' : `  broken: ${broken.map(({ what }) => what).join('; ')}`;
  return (
    `${state}${known.join('')}  STFs seen ${stfs.seen} archived ${stfs.archived} processed ${stfs.processed} failed ${stfs.failed} quarantined ${stfs.quarantined}` +
    `  messages ${messages.seen} repeated ${messages.duplicate} quarantined ${messages.quarantined}` +
    `  p50 ${duration(latencyMs.p50)} p99 ${duration(latencyMs.p99)}${wrong}`
  );
};

/** A status as one line of a log. */
export const plainLine = (status: Status): string =>
  `${timeOfDay(status.at)} ${plainFacts(status)}  ${ratesWords(status)}`;
