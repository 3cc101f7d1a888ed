import type { Backlog, FacetView, Status } from '#schema/status';
import { type Colors, type Piece, painted } from './line.ts';
import { duration } from './words.ts';

const label = (text: string, colors: Colors): Piece => painted(text.padEnd(10), colors.dim);

/** `1.67/s`, `12.5/s`. */
const hz = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)}/s`;

/** `in 6.25/s archived 6.25/s processed 6.17/s`. */
export const ratesWords = ({ rates }: Status, between = ' '): string =>
  [`in ${hz(rates.announcedHz)}`, `archived ${hz(rates.archivedHz)}`, `processed ${hz(rates.processedHz)}`].join(
    between,
  );

const trendOf = ({ trend, perMinute, catchUpS }: Backlog): string => {
  if (trend === 'growing') return `growing by ${perMinute} a minute`;
  return trend === 'steady' ? 'steady' : `shrinking, done in ${duration((catchUpS ?? 0) * 1000)}`;
};

const backlogPiece = (name: string, backlog: Backlog, colors: Colors): Piece => {
  const text = `${name} ${backlog.count}, ${trendOf(backlog)}`;
  return backlog.trend === 'growing' ? painted(text, colors.yellow) : text;
};

/** What comes and goes, and what waits. */
export const flowLines = (status: Status, colors: Colors): Piece[][] => {
  const { archiving, processing } = status.backlogs;
  return [
    [label('rates', colors), ratesWords(status, '   '), painted('   over the last minute', colors.dim)],
    [
      label('backlog', colors),
      backlogPiece('to archive', archiving, colors),
      '   ',
      backlogPiece('to process', processing, colors),
    ],
  ];
};

/** An STF on its way when the state changed says the old one, and is right. */
const staleMs = 2_000;

/** The state that STFs say while the DAQ says another. */
const observedPieces = (value: string, { ribbon, lastStfAt }: Status): Piece[] => {
  if (lastStfAt === undefined || value === `${ribbon?.state}/${ribbon?.substate}`) return [];
  const isStale = ribbon !== undefined && Date.parse(lastStfAt) < Date.parse(ribbon.since) + staleMs;
  return isStale ? [] : [`STFs say ${value}`, '   '];
};

const paints = {
  flowing: 'green',
  running: 'green',
  'suspended-by-operator': 'yellow',
  'suspended-by-state': 'yellow',
} as const;
const isPainted = (value: string): value is keyof typeof paints => Object.hasOwn(paints, value);

/** A value for a person. A silent stream suspends nothing: what waits is processed, and else there is nothing to do. */
export const valueWords = ({ facet, value }: FacetView, { backlogs }: Status): string => {
  if (facet !== 'processing' || value !== 'suspended-by-silence') return value;
  return backlogs.processing.count > 0 ? 'running' : 'idle';
};

const facetPieces = (one: FacetView, status: Status, colors: Colors): Piece[] => {
  const { facet } = one;
  const value = valueWords(one, status);
  if (facet === 'detector' || facet === 'run-control') return [];
  if (facet === 'observed') return observedPieces(value, status);
  const text = `${facet} ${value}`;
  return [isPainted(value) ? painted(text, colors[paints[value]]) : text, '   '];
};

/** What is known of stream and processing; the ribbon has the detector and its run. */
export const facetLines = (status: Status, colors: Colors): Piece[][] => {
  const pieces = status.facets.flatMap((facet) => facetPieces(facet, status, colors));
  return pieces.length === 0 ? [] : [[label('state', colors), ...pieces]];
};
