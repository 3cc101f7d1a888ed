/** Reads the experiment's own schedules: a list of states and spans as YAML, or a workflow's configuration as TOML. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { StatePair } from '#schema/detector-state';
import type { Dialect } from './dialects.ts';
import { type Phase, type Span, spread } from './phase.ts';
import { ScheduleError } from './schedule-error.ts';
import { readWorkflow } from './workflow.ts';

/** What a schedule file says, ready to be played. */
export type Schedule = { readonly dialect: Dialect; readonly phases: readonly Phase[] };

const unitsS = [604_800, 86_400, 3_600, 60, 1];
const spanForm = 'weeks,days,hours,minutes,seconds, as in 0,0,0,1,30';

/** `weeks,days,hours,minutes,seconds`, without spaces, as seconds. */
const SpanS = z
  .string(spanForm)
  .regex(/^\d{1,6}(,\d{1,6}){4}$/, spanForm)
  .transform((text) => text.split(',').reduce((sum, part, at) => sum + Number(part) * (unitsS[at] ?? 0), 0))
  .refine((seconds) => seconds > 0, 'a span above 0');

const Entry = z
  .object({ ...StatePair.shape, span: SpanS })
  .transform(({ state, substate, span }): Span => ({ state, substate, durationS: span }));
const Entries = z.array(Entry, 'a list of state, substate and span').min(1, 'at least one phase').max(10_000);

/** STFs of the experiment's DAQ simulator, which plays such schedules: 69 in 100 s. */
const yamlIntervalS = 1.45;

/** Reads a list of phases as YAML. @throws ScheduleError with line and field */
export const readYamlPhases = (text: string, name: string): Span[] => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const [problem = ''] = broken.message.split(/\n| at line /);
    throw new ScheduleError(`${name}:${broken.linePos?.[0].line ?? 1}: ${problem}`);
  }
  const parsed = Entries.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map((part) => (typeof part === 'symbol' ? String(part) : part)) ?? [];
  throw new ScheduleError(`${name}:${lineOf(document, lines, path)}: ${fieldOf(path)}${issue?.message ?? ''}`);
};

type Path = readonly (string | number)[];

const fieldOf = (path: Path): string => (path.length === 0 ? '' : `${path.slice(1).join('.') || 'phase'}: `);

/** The line of the field, or of what should have had it. */
const lineOf = (document: ReturnType<typeof parseDocument>, lines: LineCounter, path: Path): number => {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    const range = z.object({ range: z.tuple([z.number()]).rest(z.number()) }).safeParse(node).data?.range;
    if (range !== undefined) return lines.linePos(range[0]).line;
  }
  return 1;
};

/** Reads a schedule file by its ending: `.yml`, `.yaml` or `.toml`. @throws ScheduleError */
export const readSchedule = (path: string, intervalS?: number): Schedule => {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new ScheduleError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (extname(path) === '.toml') return { dialect: 'runner', phases: readWorkflow(path, read) };
  const spans = readYamlPhases(read(path), path);
  return { dialect: 'daqsim', phases: spans.map((span) => spread(span, intervalS ?? yamlIntervalS)) };
};
