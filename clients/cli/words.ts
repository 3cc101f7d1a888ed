/** Numbers and times as people read them. Machines get them from `--json`. */

/** `840 ms`, `2.3 s`, `4 min 10 s`, `3 h 5 min`; a dash if there is none. */
export const duration = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined) return '–';
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** `12 kB`, `1.9 GB`, in powers of ten. */
export const size = (bytes: number | undefined): string => {
  if (bytes === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(1, bytes)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
};

/** `08:59:12`, UTC. */
export const timeOfDay = (at: string | undefined): string => (at === undefined ? '–' : at.slice(11, 19));
/** `08:59:12.345`, UTC. */
export const preciseTime = (at: string): string => at.slice(11, 23);
/** Since when a plane says nothing: `no news since 08:59:12 UTC`. */
export const noNewsSince = (lastNewsAt: string | undefined): string =>
  `no news since ${lastNewsAt ? `${timeOfDay(lastNewsAt)} UTC` : 'the start'}`;
/** `2026-11-24 08:59:12`, UTC. */
export const dateAndTime = (at: string | undefined): string =>
  at === undefined ? '–' : `${at.slice(0, 10)} ${timeOfDay(at)}`;

/** Text of strangers without anything that a terminal would obey. */
export const harmless = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}').replace(/[\u202a-\u202e\u2066-\u2069]/g, '\u{fffd}');

/** The same for data in rows that end in a carriage return, as those of CSV do. */
export const harmlessRow = (row: string): string =>
  row.endsWith('\r') ? `${harmless(row.slice(0, -1))}\r` : harmless(row);

/** The same for a line that may be painted: its colours stay. */
export const harmlessLine = (line: string): string =>
  line.replace(/\p{Cc}\[[\d;]*m|[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, (found) =>
    found.startsWith('\x1b[') ? found : '\u{fffd}',
  );

/** `prod_stf_00102363-00000001` without its instance, as people may type it. */
export const shortId = (id: string): string => id.replace(/^[A-Za-z0-9-]+_/, '');
