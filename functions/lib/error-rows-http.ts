/** Rows of the error catalogue that only a request to the API can meet. */
export const httpErrors = {
  'not-found': { kind: 'Missing', message: 'There is no such page', todo: 'See /v1 for what there is.' },
  'host-refused': {
    kind: 'Denied',
    message: 'A request came under a name that is not this machine’s own',
    todo: 'Ask 127.0.0.1 or localhost; nothing else reaches the API of the embedded mode.',
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
} as const;
