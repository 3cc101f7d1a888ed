import type { ErrorRow } from './error-row.ts';

/** Rows of the error catalogue that only a request to the API can meet. */
export const httpErrors = {
  'range-not-satisfiable': {
    kind: 'Invalid',
    message: 'The requested range is behind the end of the file',
    cause: 'A download was resumed with a part that is longer than the file, or of another file.',
    evidence: 'The header content-range of the answer has the size of the file.',
    todo: 'Remove the partial download and fetch the file again.',
  },
  'answer-too-large': {
    kind: 'Invalid',
    message: 'The answer is larger than this deployment can send at once',
    cause:
      'The interface runs in AWS Lambda without response streaming, which limits an answer to 6 MB with its encoding.',
    evidence: 'The detail has the size of the answer and the limit.',
    todo: 'Request ranges of at most 4 MB (header Range), or use the function URL with response streaming.',
  },
  'not-found': {
    kind: 'Missing',
    message: 'There is no such page',
    cause: 'The path is mistyped, or belongs to another version of papilio.',
    evidence: '`curl http://127.0.0.1:8714/v1` lists the paths; `papilio version` says which papilio answers.',
    todo: 'See /v1 for what there is.',
  },
  'host-refused': {
    kind: 'Denied',
    message: 'A request came under a name that is not this machine’s own',
    cause:
      'The header Host names another machine: an alias, a tunnel, or a web page that makes a browser ask here (DNS rebinding).',
    evidence: 'The detail shows the name; `log/front.jsonl` under the request id.',
    todo: 'Ask 127.0.0.1 or localhost, or the name that PAPILIO_PUBLIC_URL gives to papilio.',
  },
  'bind-refused': {
    kind: 'Invalid',
    message: 'Papilio does not listen there',
    cause: 'An address beyond this machine was asked for, and nothing is configured that tells people apart.',
    evidence: 'The detail names the address; docs/reference/settings.md has the settings.',
    todo: 'Leave --host away, or say first how people show who they are: PAPILIO_OIDC_ISSUER, or PAPILIO_TLS_FRONT_SECRET_FILE (docs/operators/tls-front.md).',
  },
  'origin-refused': {
    kind: 'Denied',
    message: 'A request came from a page of another site',
    cause: 'A browser sent the request for a page that stands under another name.',
    evidence: 'The detail shows the page’s origin; the browser’s network view shows which page asks.',
    todo: 'Ask from the command line, or from a page that this papilio serves itself.',
  },
  'method-not-allowed': {
    kind: 'Invalid',
    message: 'A page does not take that method',
    cause: 'GET and POST are mixed up, or the client is made for another version.',
    evidence: 'The header Allow of the answer; docs/reference/http.md.',
    todo: 'The header Allow names those that it takes.',
  },
  'cursor-unknown': {
    kind: 'Missing',
    message: 'A list has no page at that cursor',
    cause: 'The cursor was cut, made by hand, or belongs to a list with other filters.',
    evidence: 'The `next` of the page before, letter by letter.',
    todo: 'Start again without `cursor`; only `next` of the page before goes on, with the same question.',
  },
  'rate-exceeded': {
    kind: 'Transient',
    message: 'Somebody asks more often than papilio answers one',
    cause:
      'A script asks in a tight loop, or several share one token; after many bad tokens, further ones of that address.',
    evidence: 'The headers RateLimit and Retry-After; operators see who asks what with `papilio usage show`.',
    todo: 'Come again when Retry-After says; RateLimit says how much is left. Live events spare most questions.',
  },
  'quota-exceeded': {
    kind: 'Transient',
    message: 'One principal holds as much as it may at a time',
    cause:
      'A client leaves live streams open, leaves requests waiting (waitMs), sends many large bodies at once, or makes tokens without ending any. A token counts towards the quota of its maker.',
    evidence: 'The detail names the bound, its size and what is held; `papilio whoami` shows all quotas.',
    todo: 'End what is not needed and try again after Retry-After; follow one event stream instead of many waiting requests, and revoke unused tokens.',
  },
  'request-slow': {
    kind: 'Transient',
    message: 'A request did not come to its end in time',
    cause: 'The line is slow or cut, or headers or body are sent in drops.',
    evidence: 'How long the request took at the client; the size of its body.',
    todo: 'Send it again at once; over a bad line, in smaller parts.',
  },
  'request-unreadable': {
    kind: 'Invalid',
    message: 'What came is no HTTP request, or has too many headers',
    cause: 'A client, proxy or scanner sent what HTTP does not allow: broken chunks, two lengths, too many headers.',
    evidence: 'The bytes that were sent, with `curl -v` or at the proxy.',
    todo: 'The detail says where reading it ended; mend the client, or what stands between it and papilio.',
  },
  'version-outdated': {
    kind: 'Conflict',
    message: 'A thing has changed since it was looked at',
    cause: 'Somebody else changed it between your look and your act.',
    evidence: '`papilio event list --subject ID` shows who did what since.',
    todo: 'Look at it again and decide anew; its ETag names the version.',
  },
  'key-reused': {
    kind: 'Invalid',
    message: 'An Idempotency-Key was used before, for something else',
    cause: 'A client uses one Idempotency-Key for different requests.',
    evidence: '`papilio audit list` shows what was done under it first.',
    todo: 'Give each request a key of its own; only a repeat of the same request has the same one.',
  },
  'not-ready': {
    kind: 'Transient',
    message: 'Papilio is not ready',
    cause:
      'A plane is starting or down, its store cannot be opened, a disk refuses writes, a broker is away, or events from before the start are still being counted.',
    evidence:
      '`papilio status` and `papilio doctor` name which; then `log/work.jsonl`, `log/archive.jsonl` or `log/bridge.jsonl`.',
    todo: 'The reason names what is missing; `papilio status` says what to do. A plane that is away restarts by itself.',
  },
  'facility-not-drained': {
    kind: 'Conflict',
    message: 'A facility was to be resumed and is not drained',
    cause: 'Somebody resumed it before, or its drain has ended by itself.',
    evidence: '`papilio site show FACILITY`; `papilio audit list`.',
    todo: '`papilio site show` says how it stands and who did what to it.',
  },
  'job-settled': {
    kind: 'Conflict',
    message: 'A job was to be cancelled and has come to its end',
    cause: 'The job ended while the command was on its way, or long before.',
    evidence: '`papilio job show JOB` has each attempt and its end.',
    todo: '`papilio job show` says how it ended; what it left is kept.',
  },
  'job-not-retryable': {
    kind: 'Conflict',
    message: 'A job cannot be run again now',
    cause: 'The job is still at work, has succeeded, or another job of its STF has taken its place.',
    evidence: '`papilio job show JOB`; `papilio why JOB`.',
    todo: 'The reason says why; only one that has failed or was cancelled can, when its execution has ended.',
  },
  'job-cancelled': {
    kind: 'Conflict',
    message: 'A job was cancelled',
    cause: 'Somebody cancelled it with `papilio job cancel`.',
    evidence: '`papilio job show JOB` names who and why; so does `papilio audit list`.',
    todo: 'Its record names who and why; `papilio job retry` runs it again.',
  },
  'workflow-mock-missing': {
    kind: 'Invalid',
    message: 'A state that has work done elsewhere is tested only with a mock of that work',
    cause: 'The state calls a function, a service or another machine, which a test does not do.',
    evidence: '`papilio workflow test --help`; the state in the definition.',
    todo: 'Say with `mock` (`papilio workflow test --mock FILE`) what came of it: {"result": …} or {"error": "…"}.',
  },
  'position-unknown': {
    kind: 'Conflict',
    message: 'A position lies beyond the end of the event logs',
    cause: 'The event logs were restored from a backup, or the position was taken from another papilio.',
    evidence: 'The detail names the end of the logs; `papilio event list --after a0-w0` reads them from the beginning.',
    todo: 'The logs were restored from a backup, or the position is another papilio’s: go on from the position in the detail, or from a0-w0.',
  },
  'live-clients-too-many': {
    kind: 'Transient',
    message: 'The front has as many live streams open as it can hold',
    cause: 'Views that nobody closes, or a client that opens a stream for each thing instead of one with a filter.',
    evidence: 'Operators: `papilio usage show`; at the client’s machine `ss -tp` shows the connections.',
    todo: 'Close unused streams; one stream takes several filters. It is free as soon as one ends.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
