/** Rows of the error catalogue that only a request to the API can meet. */
export const httpErrors = {
  'not-found': { kind: 'Missing', message: 'There is no such page', todo: 'See /v1 for what there is.' },
  'host-refused': {
    kind: 'Denied',
    message: 'A request came under a name that is not this machine’s own',
    todo: 'Ask 127.0.0.1 or localhost, or the name that PAPILIO_PUBLIC_URL gives to papilio.',
  },
  'bind-refused': {
    kind: 'Invalid',
    message: 'Papilio does not listen there',
    todo: 'Leave --host away, or say first how people show who they are: PAPILIO_OIDC_ISSUER, or PAPILIO_TLS_FRONT_SECRET_FILE (docs/operators/tls-front.md).',
  },
  'origin-refused': {
    kind: 'Denied',
    message: 'A request came from a page of another site',
    todo: 'Ask from the command line, or from a page that this papilio serves itself.',
  },
  'method-not-allowed': {
    kind: 'Invalid',
    message: 'A page does not take that method',
    todo: 'The header Allow names those that it takes.',
  },
  'cursor-unknown': {
    kind: 'Missing',
    message: 'A list has no page at that cursor',
    todo: 'Start again without `cursor`; only `next` of the page before goes on, with the same question.',
  },
  'rate-exceeded': {
    kind: 'Transient',
    message: 'Somebody asks more often than papilio answers one',
    todo: 'Come again when Retry-After says; RateLimit says how much is left. Live events spare most questions.',
  },
  'request-slow': {
    kind: 'Transient',
    message: 'A request did not come to its end in time',
    todo: 'Send it again at once; over a bad line, in smaller parts.',
  },
  'request-unreadable': {
    kind: 'Invalid',
    message: 'What came is no HTTP request, or has too many headers',
    todo: 'The detail says where reading it ended; mend the client, or what stands between it and papilio.',
  },
  'version-outdated': {
    kind: 'Conflict',
    message: 'A thing has changed since it was looked at',
    todo: 'Look at it again and decide anew; its ETag names the version.',
  },
  'key-reused': {
    kind: 'Invalid',
    message: 'An Idempotency-Key was used before, for something else',
    todo: 'Give each request a key of its own; only a repeat of the same request has the same one.',
  },
  'not-ready': {
    kind: 'Transient',
    message: 'The front cannot answer yet, or not any more',
    todo: 'The reason says what is missing. A plane that is away is started again by itself; see `papilio status`.',
  },
  'facility-not-drained': {
    kind: 'Conflict',
    message: 'A facility was to be resumed and is not drained',
    todo: '`papilio site show` says how it stands and who did what to it.',
  },
  'job-settled': {
    kind: 'Conflict',
    message: 'A job was to be cancelled and has come to its end',
    todo: '`papilio job show` says how it ended; what it left is kept.',
  },
  'job-not-retryable': {
    kind: 'Conflict',
    message: 'A job cannot be run again now',
    todo: 'The reason says why; only one that has failed or was cancelled can, when its execution has ended.',
  },
  'job-cancelled': {
    kind: 'Conflict',
    message: 'A job was cancelled',
    todo: 'Its record names who and why; `papilio job retry` runs it again.',
  },
  'workflow-mock-missing': {
    kind: 'Invalid',
    message: 'A state that has work done elsewhere is tested only with a mock of that work',
    todo: 'Say with `mock` (`papilio workflow test --mock FILE`) what came of it: {"result": …} or {"error": "…"}.',
  },
  'position-unknown': {
    kind: 'Conflict',
    message: 'A position lies beyond the end of the event logs',
    todo: 'The logs were restored from a backup, or the position is another papilio’s: go on from the position in the detail, or from a0-w0.',
  },
  'live-clients-too-many': {
    kind: 'Transient',
    message: 'More live streams are open than one may have',
    todo: 'Close those that nobody looks at; one stream takes several filters. It is free as soon as one ends.',
  },
} as const;
