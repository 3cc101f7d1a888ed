import { Role } from '#schema/access';

/** What one policy says: who may do it. */
export type Policy = {
  readonly roles: readonly Role[];
  /** Who may do it to what is theirs: the admins of a thing's facility, or the owner of a thing. */
  readonly object?: 'facility' | 'owner';
  /** Open to everybody without a token, or to everybody that is known, whatever their roles. */
  readonly open?: 'public' | 'known';
  /** Not for papilio's own tokens, which would outlive their end by it. */
  readonly isForPeople?: true;
  /** It changes nothing; what does is written to the audit log. */
  readonly isRead?: true;
  /** What it lets somebody do, as the rest of "may …". */
  readonly says: string;
};

const everyRole = Role.options;
/** Roles that do something by themselves; a viewer only looks. */
export const doers: readonly Role[] = everyRole.filter((role) => role !== 'viewer');
const run = ['operator', 'production-manager', 'admin'] as const;
const shift = ['operator', 'admin'] as const;
const expertise = ['expert', 'operator', 'admin'] as const;

const reading = (says: string) => ({ roles: everyRole, isRead: true, says: `read ${says}` }) as const satisfies Policy;
const toAll = (says: string) =>
  ({ roles: everyRole, open: 'public', isRead: true, says: `read ${says}` }) as const satisfies Policy;

/**
 * Every policy by its name. A route names one; an act's policy is the act's name. What is not said here is not allowed.
 * @see 14.2
 */
export const policies = {
  'health.read': toAll('whether papilio is well'),
  'version.read': toAll('which papilio it is'),
  'openapi.read': toAll('the description of the interface'),
  'error.read': toAll('what errors mean'),

  'me.read': { roles: everyRole, open: 'known', isRead: true, says: 'read who papilio takes them for' },

  'status.read': reading('how it goes'),
  'run.read': reading('runs'),
  'state.read': reading('the detector’s state'),
  'period.read': reading('run periods'),
  'stf.read': reading('STFs'),
  'tf.read': reading('TFs and their bytes'),
  'job.read': reading('jobs and their logs'),
  'bundle.read': reading('bundles'),
  'facility.read': reading('facilities'),
  'placement.read': reading('why work is where it is'),
  'provenance.read': reading('what was made out of what'),
  'output.read': reading('outputs'),
  'quarantine.read': reading('messages that are held'),
  'command.read': reading('what was asked of papilio'),
  'event.read': reading('the event logs'),
  'execution.read': reading('executions'),
  'workflow.read': reading('workflows'),
  'function.read': reading('functions'),
  'workflow.check': { roles: everyRole, isRead: true, says: 'have a definition checked' },
  'workflow.test': { roles: everyRole, isRead: true, says: 'have a state tried' },

  'usage.read': { roles: run, isRead: true, says: 'read how the interface is used' },
  'audit.read': { roles: shift, isRead: true, says: 'read who did what' },

  'period.name': { roles: ['expert', ...run], says: 'name a run period' },
  'period.close': { roles: ['expert', ...run], says: 'end a run period' },
  'processing.suspend': { roles: expertise, says: 'hold processing' },
  'processing.resume': { roles: expertise, says: 'end a hold of processing' },
  'quarantine.mend': { roles: expertise, says: 'mend a message that is held' },
  'quarantine.replay': { roles: expertise, says: 'send a held message again' },
  'quarantine.discard': { roles: expertise, says: 'discard a held message' },
  'execution.stop': { roles: run, says: 'end an execution' },
  'execution.redrive': { roles: run, says: 'run again what failed of an execution' },
  'job.retry': { roles: run, object: 'owner', says: 'run a job again' },
  'job.cancel': { roles: run, object: 'owner', says: 'end a job' },
  'facility.drain': { roles: run, object: 'facility', says: 'keep work from a facility' },
  'facility.resume': { roles: run, object: 'facility', says: 'let a facility have work again' },

  'token.list': { roles: doers, isRead: true, says: 'list tokens of machines, everybody their own' },
  'token.read': { roles: ['admin'], object: 'owner', isRead: true, says: 'read of a machine’s token' },
  'token.create': { roles: doers, isForPeople: true, says: 'make a token for a machine' },
  'token.revoke': { roles: ['admin'], object: 'owner', isForPeople: true, says: 'end a machine’s token' },
} as const satisfies Record<string, Policy>;

/** The name of a policy: a noun and what is done to it. */
export type PolicyName = keyof typeof policies;

/** Whether there is such a policy. */
export const isPolicyName = (name: string): name is PolicyName => Object.hasOwn(policies, name);

/** All names of policies. */
export const policyNames: readonly PolicyName[] = Object.keys(policies).filter((name) => isPolicyName(name));

/** The policy of a name. */
export const policyOf = (name: PolicyName): Policy => policies[name];
