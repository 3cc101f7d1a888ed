import { readFileSync } from 'node:fs';

const types = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'];
const subject = new RegExp(`^(?:${types.join('|')})(?:\\([a-z0-9-]+\\))?!?: \\S.*[^.\\s]$`);

/** Why a commit message is refused; nothing if it is a conventional one. */
export function messageProblem(message: string): string | undefined {
  const lines = message.split('\n').filter((line) => !line.startsWith('#'));
  const first = lines[0] ?? '';
  // Made by git itself, on the way to something that will have a message of its own.
  if (/^(Merge|Revert|fixup!|squash!|amend!) /.test(first)) return undefined;
  if (!subject.test(first))
    return `'${first}' is not '<type>(<area>): <what changes>', with a type of ${types.join(', ')}`;
  if (first.length > 100) return `the first line has ${first.length} characters, more than 100`;
  if (lines.length > 1 && lines[1] !== '') return 'the second line is not empty';
  return undefined;
}

if (import.meta.main) {
  const problem = messageProblem(readFileSync(process.argv[2] ?? '', 'utf8'));
  if (problem !== undefined) {
    process.stderr.write(
      `commit message: ${problem}\nfor example: feat(brokerage): prefer the site that holds the replica\n`,
    );
    process.exitCode = 1;
  }
}
