/** The first line of a generated page. */
export const madeFrom = (source: string): string =>
  `<!-- Made from ${source} by \`npm run docs\`; edit that file, not this page. -->\n`;

/** A markdown table; cells keep their text, whatever characters it has. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
