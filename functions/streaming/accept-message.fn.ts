import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type BatchItem, defineBatchFunction, eachItem } from '#lib/function';
import { stfKey } from '#lib/model/ids';
import { quarantineMessage } from '#lib/quarantine';
import { messages } from '#lib/records';
import { DaqMessage, type MessageRecord } from '#schema/daq-message';

const name = 'accept-message';
/** Sendings remembered per message: enough to tell a redelivery of the queue from a repeat of the DAQ. */
const sendingsKept = 20;

/** Writes every message of the DAQ into the ledger, keeps unreadable ones, and starts the archiving of STFs. @see 4.7 */
export const acceptMessage = defineBatchFunction({
  name,
  effect: 'named',
  input: DaqMessage,
  runBatch: (items, deps) =>
    eachItem(items, name, deps, async (item) => {
      const seen = await untilNoConflict(() => record(item, deps));
      await act(item.input, seen, deps);
    }),
});

/** Enters a message into the ledger; returns how often it came. */
const record = async ({ itemId, input }: BatchItem<DaqMessage>, deps: Deps): Promise<number> => {
  const known = await messages.get(deps.store, input.id);
  if (known?.doc.sendings.includes(itemId)) return known.doc.seen;
  const doc: MessageRecord = known
    ? { ...known.doc, seen: known.doc.seen + 1, sendings: [...known.doc.sendings, itemId].slice(-sendingsKept) }
    : {
        id: input.id,
        type: typeOf(input),
        ...subjectsOf(input, deps),
        ...(input.mendOf === undefined ? {} : { mendOf: input.mendOf }),
        receivedAt: input.receivedAt,
        seen: 1,
        sendings: [itemId],
      };
  const { sendings: _, seen, ...facts } = doc;
  const fact = known
    ? { type: 'message.repeated', by: name, data: { ...facts, seen } }
    : {
        type: 'message.received',
        by: name,
        data: { ...facts, dialect: input.dialect, destination: input.destination },
      };
  await commit(deps, [change(deps, doc.id, messages.put(doc.id, doc, known?.version ?? 0), fact)]);
  return seen;
};

const act = async (message: DaqMessage, seen: number, deps: Deps): Promise<void> => {
  if (message.problem) return quarantineMessage(message, message.problem, name, deps);
  if (message.fact?.type !== 'stf_gen') return;
  const { run, sequence } = message.fact;
  // Named after STF and message: another content under the same name is judged by itself, never swallowed. A repeat is
  // looked at too: it may bring the file that did not come, or was corrupt, the first time.
  const again = seen === 1 ? '' : `-${seen}`;
  const execution = deps.ids.exec(`archive-${stfKey(run, sequence)}-${message.id.slice(-8)}${again}`);
  await deps.machines.start('archive-stf', execution, { message });
};

const typeOf = (message: DaqMessage): string =>
  message.fact?.type === 'other' ? message.fact.name : (message.fact?.type ?? 'unreadable');

const subjectsOf = ({ fact }: DaqMessage, deps: Deps) => {
  if (!fact || fact.type === 'other') return {};
  const runId = deps.ids.run(fact.run);
  return fact.type === 'stf_gen' ? { runId, stfId: deps.ids.stf(fact.run, fact.sequence) } : { runId };
};
