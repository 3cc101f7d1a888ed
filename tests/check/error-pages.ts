import { errorCatalogue, isPassing } from '../../functions/lib/error-rows.ts';
import { type ErrorCode, statusOfKind } from '../../functions/lib/errors.ts';
import { madeFrom, table } from './markdown.ts';

const source = 'functions/lib/error-rows.ts';
const isCode = (text: string): text is ErrorCode => Object.hasOwn(errorCatalogue, text);

/** Every code, in the order of the alphabet. */
export const errorCodes = Object.keys(errorCatalogue).filter(isCode).sort();

/** The list of all codes. */
export function errorsPage(): string {
  const codes = errorCodes.map((code) => {
    const { kind, message, todo } = errorCatalogue[code];
    return [`[\`${code}\`](errors/${code}.md)`, kind, `${message}.`, todo];
  });
  const kinds = Object.entries(statusOfKind).map(([kind, status]) => [kind, String(status)]);
  return `${madeFrom(source)}
# Errors

Every error has a code that stays, a kind that decides what happens next, and something to do about it. Functions, API and
command line share one catalogue; its rows are at \`/v1/errors/{code}\` too, and \`papilio error show CODE\` shows them.

${table(['code', 'kind', 'what happened', 'what to do'], codes)}

## Kinds

The kind is the error's name in a state machine, and gives the HTTP status.

${table(['kind', 'HTTP status'], kinds)}
`;
}

/** The page of one code. */
export const errorPage = (code: ErrorCode) => (): string => {
  const { kind, message, cause, evidence, todo } = errorCatalogue[code];
  const later = isPassing(kind) ? 'The same may succeed later by itself.' : 'Something has to be mended first.';
  return `${madeFrom(source)}
# \`${code}\`

${message}.

- **Cause.** ${cause}
- **Look at.** ${evidence}
- **Try.** ${todo}
- **Again?** ${later} Kind: ${kind}.

[All errors](../errors.md)
`;
};
