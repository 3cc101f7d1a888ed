import type { ErrorRow } from './error-row.ts';

/** Rows of the error catalogue that only the command line says. */
export const cliErrors = {
  usage: {
    kind: 'Invalid',
    message: 'A command was given in a way that cannot work',
    cause: 'A word or an option is mistyped, missing or out of its range.',
    evidence: '`papilio COMMAND --help` shows how it is used, with examples.',
    todo: 'Follow what stands behind "try:"; every command has --help.',
  },
  unreachable: {
    kind: 'Transient',
    message: 'Nothing answers at the address of papilio',
    cause: 'Papilio is not started, has another port or folder, or the network is cut.',
    evidence: '`papilio doctor`; front.json in the data folder names address and process.',
    todo: 'Start it with `npm start`, or name its address with --url or its folder with --data.',
  },
  'answer-invalid': {
    kind: 'Bug',
    message: 'What answered did not answer as papilio does',
    cause:
      'Another program listens there, a proxy answers in between, or command line and papilio are of different versions.',
    evidence: '`curl -i URL/v1/version`; `papilio doctor` compares the versions.',
    todo: 'Check --url; use the command line of the version that runs.',
  },
  timeout: {
    kind: 'Transient',
    message: 'The time that --timeout gave is over',
    cause: 'What was waited for takes longer, or stands still.',
    evidence: '`papilio status`, or `papilio why ID` for what it waits for.',
    todo: 'Give it more time with --timeout, or look later; nothing was undone.',
  },
  'login-failed': {
    kind: 'Denied',
    message: 'The login did not come to its end',
    cause: 'The issuer refused, was not reached, or nobody confirmed the code in time.',
    evidence: 'What the issuer said stands in the message; the issuer’s own page about your account.',
    todo: 'Run `papilio login` again; ask whoever runs the issuer if it refuses.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
