import type { Remark } from '#schema/daq-lifecycle';
import type { Problem } from '#schema/daq-message';

/**
 * Every rule that a message of the DAQ may break. The first word of a reason in quarantine is the rule; `code` is its row in
 * the catalogue of errors.
 */
export const rules = {
  'substate-unknown-to-state': {
    code: 'state-transition-illegal',
    meaning: 'the state has no such substate',
  },
  'state-does-not-follow': {
    code: 'state-transition-illegal',
    meaning: 'no row of the table leads from the state before to this one',
  },
  'lifecycle-out-of-phase': {
    code: 'state-transition-illegal',
    meaning:
      'the message does not come in this phase of the run: a pause of a run that stands by, a resume of one that runs',
  },
  'run-restarted': {
    code: 'state-transition-illegal',
    meaning: 'the run was announced or started again after its end, under the same number',
  },
  'timeline-full': {
    code: 'state-transition-illegal',
    meaning: 'more was said of the run than its timeline holds',
  },
  'clock-ahead': {
    code: 'daq-clock-jumped',
    meaning: 'the stamp is more than 25 hours later than the message came; it does not count for the state now',
  },
  'clock-back': {
    code: 'daq-clock-jumped',
    meaning: 'the stamp is earlier than that of what the DAQ itself counts as before',
  },
  'stf-size-malformed': {
    code: 'message-invalid',
    meaning: 'the size is no number of bytes; the STF is archived without',
  },
  'stf-checksum-malformed': {
    code: 'message-invalid',
    meaning: 'the checksum is not `ad:<8 hex digits>`; the STF is archived without',
  },
  'run-conditions-malformed': {
    code: 'message-invalid',
    meaning:
      'the conditions of the run are not names with a text, a number or true or false each, or more than 2,000 bytes',
  },
} as const;

type Rule = keyof typeof rules;
const isRule = (name: string): name is Rule => Object.hasOwn(rules, name);

/** What quarantine says of a message: the code of the first rule that it breaks, and each rule by name. */
export const problemOf = (remarks: readonly Remark[]): Problem | undefined => {
  const [first] = remarks;
  if (!first) return undefined;
  const code = isRule(first.rule) ? rules[first.rule].code : 'state-transition-illegal';
  return { code, reason: remarks.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ') };
};
