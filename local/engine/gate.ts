import type { JournalHealth } from './group-commit.ts';
import type { OpenJournal } from './journal.ts';
import { type CallTallies, noteFailure, type Tally } from './metrics/tallies.ts';
import { AwsError } from './part.ts';
import type { Parts } from './parts.ts';
import type { Call } from './protocol.ts';

const readsOnly = /^(?:Get(?!ActivityTask)|List|Describe)/;

/** Lets calls in while the engine is open and its journal can write, and counts them. */
export function createGate(
  journal: OpenJournal,
  parts: Parts,
  calls: CallTallies,
): { readonly call: Call; readonly close: () => boolean } {
  let isOpen = true;
  return {
    call: async (service, operation, input, signal) => {
      const { operations } = parts[service];
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      const tally = calls.of(service, run ? operation : 'unknown');
      if (run === undefined) {
        const text = `${operation} is no operation of this engine.`;
        throw noteFailure(tally, new AwsError('UnknownOperationException', text));
      }
      if (!isOpen) throw noteFailure(tally, new AwsError('ServiceUnavailable', 'The engine is stopping.', 503));
      const health = journal.health();
      const isRead = readsOnly.test(operation);
      if (health.state !== 'ok' && !isRead) throw noteFailure(tally, cannotWrite(health));
      return durable(journal, isRead, run(input, signal), tally);
    },
    close: () => {
      const wasOpen = isOpen;
      isOpen = false;
      return wasOpen;
    },
  };
}

/** Nobody is told what a power cut could undo: not by a read, nor by an answer such as that it was done before. */
async function durable(journal: OpenJournal, isRead: boolean, answer: Promise<object>, tally: Tally): Promise<object> {
  const changed = journal.synced();
  let outcome: { readonly value: object } | { readonly error: unknown };
  try {
    outcome = { value: await answer };
  } catch (error) {
    outcome = { error };
  }
  if (!isRead) await changed;
  else if (!(await journal.settled())) throw noteFailure(tally, cannotWrite(journal.health()));
  if ('error' in outcome) throw noteFailure(tally, outcome.error);
  tally.ok += 1;
  return outcome.value;
}

function cannotWrite(health: JournalHealth): AwsError {
  const since = health.state === 'ok' ? 'for a moment' : `since ${health.sinceAt} (${health.error})`;
  const text = `The journal cannot write ${since}; it goes on by itself when it can.`;
  return new AwsError('ServiceUnavailable', text, 503);
}
