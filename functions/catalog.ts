/**
 * Every deployable function: data only. Stacks, stack mode and the embedded planes start from this; a queue trigger
 * without a queue, or a function without a file `functions/<area>/<name>.fn.ts`, fails the contract tests.
 */
export const planes = ['archive', 'work'] as const;

export type Plane = (typeof planes)[number];

export type Trigger =
  | { readonly kind: 'queue'; readonly queue: string; readonly batch: number; readonly parallel: number }
  | { readonly kind: 'schedule'; readonly everyS: number; readonly atStart: boolean }
  | { readonly kind: 'machine' };

export type CatalogEntry = {
  readonly area: string;
  readonly plane: Plane;
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly trigger: Trigger;
  /** Deployed once per facility, fed by that facility's queue. */
  readonly isPerFacility: boolean;
  readonly uses: readonly ('store' | 'objects' | 'queues' | 'machines' | 'batch')[];
};

const machine = { kind: 'machine' } as const;
const queue = (name: string, batch: number, parallel: number) =>
  ({ kind: 'queue', queue: name, batch, parallel }) as const;

/** What most functions of the work plane need. */
const small = { plane: 'work', memoryMb: 256, timeoutS: 30, isPerFacility: false } as const;

export const catalog = {
  'accept-message': {
    area: 'streaming',
    plane: 'archive',
    memoryMb: 256,
    timeoutS: 30,
    trigger: queue('archive-inbox', 10, 4),
    isPerFacility: false,
    uses: ['store', 'machines'],
  },
  'archive-stf': {
    area: 'streaming',
    plane: 'archive',
    memoryMb: 512,
    timeoutS: 300,
    trigger: machine,
    isPerFacility: false,
    uses: ['store', 'objects', 'queues'],
  },
  'quarantine-message': {
    area: 'streaming',
    plane: 'archive',
    memoryMb: 256,
    timeoutS: 30,
    trigger: machine,
    isPerFacility: false,
    uses: ['store', 'queues'],
  },
  'settle-message': {
    area: 'streaming',
    plane: 'archive',
    memoryMb: 256,
    timeoutS: 30,
    trigger: queue('settle-message', 10, 1),
    isPerFacility: false,
    uses: ['store', 'queues'],
  },
  'accept-daq-message': {
    ...small,
    area: 'daq',
    trigger: queue('work-inbox', 10, 4),
    uses: ['store', 'machines'],
  },
  'settle-daq-message': {
    ...small,
    area: 'daq',
    trigger: queue('settle-daq-message', 10, 1),
    uses: ['store', 'queues'],
  },
  'keep-periods': {
    ...small,
    area: 'daq',
    trigger: queue('keep-periods', 1, 1),
    uses: ['store'],
  },
  'catalogue-stf': {
    ...small,
    area: 'metadata',
    trigger: machine,
    uses: ['store', 'objects'],
  },
  'index-stfs': {
    ...small,
    area: 'metadata',
    trigger: queue('archived-stfs', 10, 1),
    uses: ['store', 'objects', 'queues', 'machines'],
  },
  'begin-pass': {
    ...small,
    area: 'metadata',
    trigger: machine,
    uses: ['store', 'objects'],
  },
  'seek-file': {
    ...small,
    area: 'metadata',
    trigger: machine,
    uses: ['store', 'objects', 'machines'],
  },
  'assign-jobs': {
    area: 'brokerage',
    plane: 'work',
    memoryMb: 512,
    timeoutS: 30,
    trigger: queue('broker', 10, 1),
    isPerFacility: false,
    uses: ['store', 'objects', 'queues', 'machines'],
  },
  'submit-bundle': {
    area: 'facilities',
    plane: 'work',
    memoryMb: 256,
    timeoutS: 60,
    trigger: queue('facility', 10, 2),
    isPerFacility: true,
    uses: ['store', 'objects', 'batch', 'queues', 'machines'],
  },
  'poll-bundles': {
    area: 'facilities',
    plane: 'work',
    memoryMb: 256,
    timeoutS: 60,
    trigger: { kind: 'schedule', everyS: 30, atStart: true },
    isPerFacility: true,
    uses: ['store', 'batch', 'queues'],
  },
  'steer-facility': {
    ...small,
    area: 'facilities',
    trigger: queue('steer-facility', 1, 1),
    uses: ['store', 'queues'],
  },
  'settle-jobs': {
    ...small,
    area: 'jobs',
    trigger: queue('settle', 10, 1),
    uses: ['store', 'batch', 'machines', 'queues'],
  },
  'steer-jobs': {
    area: 'jobs',
    plane: 'work',
    memoryMb: 256,
    timeoutS: 60,
    trigger: queue('steer-jobs', 1, 1),
    isPerFacility: false,
    uses: ['store', 'objects', 'batch', 'queues', 'machines'],
  },
  'register-outputs': {
    area: 'metadata',
    plane: 'work',
    memoryMb: 256,
    timeoutS: 60,
    trigger: queue('register', 10, 1),
    isPerFacility: false,
    uses: ['store', 'objects', 'batch', 'machines'],
  },
  'fail-job': {
    ...small,
    area: 'jobs',
    trigger: machine,
    uses: ['store', 'queues', 'machines'],
  },
  'hold-stf': {
    ...small,
    area: 'streaming',
    trigger: machine,
    uses: ['store'],
  },
  'await-run': {
    ...small,
    area: 'streaming',
    trigger: machine,
    uses: ['store', 'machines'],
  },
  'watch-stream': {
    ...small,
    area: 'streaming',
    trigger: { kind: 'schedule', everyS: 0.5, atStart: true },
    uses: ['store', 'queues'],
  },
  'steer-processing': {
    ...small,
    area: 'workflows',
    trigger: queue('steer-processing', 1, 1),
    uses: ['store', 'queues'],
  },
  'record-access': { ...small, area: 'access', trigger: queue('record-access', 1, 1), uses: ['store'] },
  'record-usage': { ...small, area: 'monitoring', trigger: queue('record-usage', 1, 1), uses: ['store'] },
  'steer-tokens': { ...small, area: 'access', trigger: queue('steer-tokens', 1, 1), uses: ['store'] },
  'plan-merge': {
    area: 'streaming',
    plane: 'work',
    memoryMb: 512,
    timeoutS: 300,
    trigger: machine,
    isPerFacility: false,
    uses: ['store', 'objects', 'machines'],
  },
  'scrub-archive': {
    area: 'ddm',
    plane: 'archive',
    memoryMb: 256,
    timeoutS: 60,
    trigger: { kind: 'schedule', everyS: 2, atStart: false },
    isPerFacility: false,
    uses: ['store', 'objects'],
  },
  'scrub-outputs': {
    ...small,
    area: 'ddm',
    timeoutS: 60,
    trigger: { kind: 'schedule', everyS: 2, atStart: false },
    uses: ['store', 'objects'],
  },
  'plan-preparation': {
    ...small,
    area: 'workflows',
    trigger: machine,
    uses: ['store'],
  },
  'answer-tokens': {
    ...small,
    area: 'workflows',
    trigger: { kind: 'schedule', everyS: 30, atStart: true },
    uses: ['store', 'queues', 'machines'],
  },
} as const satisfies Record<string, CatalogEntry>;

export type FunctionName = keyof typeof catalog;

/** Which plane runs `statemachines/<name>.asl.json`. */
export const machines = {
  'archive-stf': 'archive',
  'process-stf': 'work',
  'run-job': 'work',
  'merge-run': 'work',
  'prepare-run': 'work',
} as const satisfies Record<string, Plane>;

export type MachineName = keyof typeof machines;

/**
 * The queues that lie with the archive plane, so that a stopped work plane holds up neither bridge nor archiving: what the
 * DAQ says, for each plane, and what was archived, for the catalogue of TFs.
 */
export const inboxes = { archive: 'archive-inbox', work: 'work-inbox', archived: 'archived-stfs' } as const;
/** The account number in an ARN or queue URL names the plane. */
export const accounts = { archive: '000000000001', work: '000000000002' } as const;
