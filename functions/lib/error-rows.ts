import { accessErrors } from './error-rows-access.ts';
import { httpErrors } from './error-rows-http.ts';
import { identityErrors } from './error-rows-identity.ts';

/** What a failure means for whoever meets it; the kind is the error's `name`, so a state machine matches on it. */
export type ErrorKind =
  | 'Invalid'
  | 'Denied'
  | 'Missing'
  | 'Conflict'
  | 'Transient'
  | 'SiteFault'
  | 'PayloadFault'
  | 'Bug';

/** What stands in the catalogue: one sentence, and what to do about it. */
type Row = { readonly kind: ErrorKind; readonly message: string; readonly todo: string };

/** Every error that papilio can show: adding one is adding a row. `docs/reference/errors.md` is made from this. */
export const errorCatalogue = {
  ...accessErrors,
  ...httpErrors,
  ...identityErrors,
  'message-unreadable': {
    kind: 'Invalid',
    message: 'A message is not a JSON object',
    todo: 'See the raw bytes with `papilio quarantine show`; ask the sender to send it again.',
  },
  'message-type-unknown': {
    kind: 'Invalid',
    message: 'A message has a type that papilio does not know',
    todo: 'If the type is new, add it to lib/schema/daq-message.ts; until then the message waits in quarantine.',
  },
  'message-invalid': {
    kind: 'Invalid',
    message: 'A message lacks a field or has a wrong one',
    todo: 'The reason names the field; mend it at the sender.',
  },
  'run-number-out-of-range': {
    kind: 'Invalid',
    message: 'A run number is not between 0 and 2097151',
    todo: 'TF and BX numbers hold 21 bits of run number; check the sender.',
  },
  'stf-name-invalid': {
    kind: 'Invalid',
    message: 'An STF name does not read swf.<run>.<sequence>.stf',
    todo: 'Check the sender; nothing was written under that name.',
  },
  'stf-sequence-out-of-range': {
    kind: 'Invalid',
    message: 'A sequence number of an STF is above 134216',
    todo: 'A run holds 2^27 TFs, about 24.8 hours; start a new run.',
  },
  'stf-name-mismatch': {
    kind: 'Invalid',
    message: 'An STF message names another run or sequence than its file name',
    todo: 'Check the sender; the file was left where it is.',
  },
  'stf-file-missing': {
    kind: 'Transient',
    message: 'An announced STF file is not in the incoming folder',
    todo: 'Wait for DAQ to finish writing, or check the transfer; it is tried again by itself.',
  },
  'stf-file-lost': {
    kind: 'Missing',
    message: 'An announced STF file never came',
    todo: 'Ask DAQ to send it again; a new message starts it afresh.',
  },
  'incoming-unavailable': {
    kind: 'Transient',
    message: 'The folder where DAQ leaves files cannot be read or written',
    todo: 'Check that it is mounted, its owner and rights; it is tried again by itself.',
  },
  'stf-content-differs': {
    kind: 'Conflict',
    message: 'An STF of that name is archived with other content',
    todo: 'The archived one stays; compare both checksums with DAQ.',
  },
  'stf-corrupt': {
    kind: 'Invalid',
    message: 'An STF file is damaged, or does not match its announced size or checksum',
    todo: 'The file stays in incoming; the reason names the TFs. Compare with DAQ and have it sent again.',
  },
  'state-transition-illegal': {
    kind: 'Invalid',
    message: 'A state change is not in the table of legal transitions',
    todo: 'See `papilio state history`; the state was not changed.',
  },
  'processing-not-held': {
    kind: 'Conflict',
    message: 'Processing was to be resumed and no operator holds it',
    todo: 'See what suspends it with `papilio state show`; what state or silence suspends, the stream itself resumes.',
  },
  'daq-clock-jumped': {
    kind: 'Invalid',
    message: 'A stamp of the DAQ does not fit the time or the messages around it',
    todo: 'The message was taken all the same. Check the clock of the DAQ and of this machine.',
  },
  'execution-not-redrivable': {
    kind: 'Conflict',
    message: 'An execution cannot be redriven',
    todo: 'The reason says why; `papilio exec show` says whether it can. Start another execution with the same input.',
  },
  'period-exists': {
    kind: 'Conflict',
    message: 'A run period of that name exists and says something else',
    todo: 'See it with `papilio period show`; take another name, periods never change.',
  },
  'period-closed': {
    kind: 'Conflict',
    message: 'A run period has its end already',
    todo: 'See it with `papilio period show`; name another period for what comes after.',
  },
  'facet-not-owned': {
    kind: 'Bug',
    message: 'A facet of the detector was to be revised by another than its owner',
    todo: 'Report it; the facet stays as it was.',
  },
  'store-conflict': {
    kind: 'Conflict',
    message: 'A record was changed by someone else first',
    todo: 'Load it again and repeat.',
  },
  'store-item-invalid': {
    kind: 'Invalid',
    message: 'A record is too large or has a bad key',
    todo: 'Items are at most 400 kB, keys 1 to 1,024 bytes, transactions 99 distinct keys.',
  },
  'store-unavailable': {
    kind: 'Transient',
    message: 'The store does not answer',
    todo: 'It is tried again by itself; see the log of the plane.',
  },
  'store-full': {
    kind: 'Transient',
    message: 'No space is left where papilio writes',
    todo: 'Free space or raise the quota; it continues by itself.',
  },
  'store-foreign': {
    kind: 'Invalid',
    message: "A store file is not papilio's, or a later papilio wrote it",
    todo: 'Start with another data folder, or with the version that wrote this one; nothing was changed.',
  },
  'folder-unusable': {
    kind: 'Invalid',
    message: 'A data folder cannot be made or written',
    todo: 'Check its owner and rights, or start with --data and another folder.',
  },
  'folder-foreign': {
    kind: 'Invalid',
    message: "A data folder is not papilio's, or a later papilio made it",
    todo: 'Start with --data and an empty or new folder; nothing was changed.',
  },
  'folder-gone': {
    kind: 'Conflict',
    message: 'A data folder was deleted, moved away or taken while papilio served from it',
    todo: 'Put the folder back if you moved it, and start again; what was deleted is in no other place.',
  },
  'port-in-use': {
    kind: 'Conflict',
    message: 'A port is used by another process',
    todo: 'Stop that process first, or choose another port with --port; 0 takes a free one.',
  },
  'folder-in-use': {
    kind: 'Conflict',
    message: 'A data folder is used by another papilio',
    todo: 'Stop that process first, or start with --data and another folder.',
  },
  'object-key-invalid': {
    kind: 'Invalid',
    message: 'An object key has a segment that is not allowed',
    todo: 'Use A-Z a-z 0-9 . _ - between slashes.',
  },
  'object-exists': {
    kind: 'Conflict',
    message: 'An object of that name exists with other content',
    todo: 'Objects never change; compare the two checksums and find out which is right.',
  },
  'object-missing': {
    kind: 'Missing',
    message: 'There is no object of that name',
    todo: 'Check the name; `papilio stf show` says where an STF lies.',
  },
  'object-corrupt': {
    kind: 'Invalid',
    message: 'An object does not match its checksum',
    todo: 'Do not use it; fetch the other copy.',
  },
  'tf-missing': {
    kind: 'Missing',
    message: 'No archived STF holds that timeframe',
    todo: 'The reason names the gap; `papilio run coverage RUN` shows all of the run.',
  },
  'tf-exists': {
    kind: 'Conflict',
    message: 'Timeframes that are written were to be written again, with other content or in other company',
    todo: 'What is written stays; compare both. Only a recorded act of an administrator lets them be replaced.',
  },
  'record-missing': {
    kind: 'Missing',
    message: 'There is no such thing',
    todo: 'Check the id; lists show what there is.',
  },
  'input-invalid': {
    kind: 'Invalid',
    message: 'The input does not fit its schema',
    todo: 'The reason names the field.',
  },
  'output-invalid': {
    kind: 'Bug',
    message: 'A function returned something outside its schema',
    todo: 'Report it with the request id.',
  },
  'config-invalid': {
    kind: 'Invalid',
    message: 'The configuration is not valid',
    todo: 'The reason names the variable and what it allows.',
  },
  'facility-missing': {
    kind: 'Missing',
    message: 'There is no facility that could take the work',
    todo: 'See `papilio job show` for the reasons by facility.',
  },
  'facility-unavailable': {
    kind: 'SiteFault',
    message: 'A facility does not take work now',
    todo: 'Another one is chosen by itself; see the site page.',
  },
  'payload-failed': {
    kind: 'PayloadFault',
    message: 'The payload ended with an exit code other than 0',
    todo: 'Read `papilio job logs`.',
  },
  'payload-killed': {
    kind: 'PayloadFault',
    message: 'The payload was ended by a signal',
    todo: 'Read `papilio job logs`; the record names the signal.',
  },
  'payload-timeout': {
    kind: 'PayloadFault',
    message: 'The payload ran longer than its limit',
    todo: 'Raise the limit of its class or look for a hang in `papilio job logs`.',
  },
  'payload-memory': {
    kind: 'PayloadFault',
    message: 'The payload used more memory than its limit',
    todo: 'Raise the limit of its class.',
  },
  'payload-disk': {
    kind: 'PayloadFault',
    message: 'The payload wrote more than its disk limit',
    todo: 'Raise the limit of its class, or find out what it writes.',
  },
  'payload-lost': {
    kind: 'SiteFault',
    message: 'The payload vanished without an exit record',
    todo: 'It is tried again as a new attempt.',
  },
  'index-lagging': {
    kind: 'Transient',
    message: 'An index does not show all records yet',
    todo: 'It is tried again by itself.',
  },
  'output-missing': {
    kind: 'PayloadFault',
    message: 'The payload ended well but left no output',
    todo: 'Read `papilio job logs`.',
  },
  'loop-stopped': {
    kind: 'Bug',
    message: 'A function did not give the loop back and its plane was restarted',
    todo: 'It waits in needs-a-person; report it with the input that it names.',
  },
  'plane-unavailable': {
    kind: 'Transient',
    message: 'A plane of this instance does not answer',
    todo: 'It is started again by itself; try again in a few seconds.',
  },
  'message-too-large': {
    kind: 'Invalid',
    message: 'A message or an input is larger than a queue or a state machine takes',
    todo: 'At most 262,144 bytes travel; store the content as an object and send its key.',
  },
  'quarantine-settled': {
    kind: 'Conflict',
    message: 'A message in quarantine was settled before',
    todo: '`papilio quarantine show` says how, by whom and why.',
  },
  'needs-a-person': {
    kind: 'Bug',
    message: 'An effect that cannot be undone began and its end is not known',
    todo: 'Look at the evidence, then resume or drop the item; nothing is retried by itself.',
  },
  bug: {
    kind: 'Bug',
    message: 'Something happened that papilio did not think of',
    todo: 'Report it with the request id; nothing was lost.',
  },
} as const satisfies Record<string, Row>;
