import { expect, test } from 'vitest';
import { adviceOn } from '../../../clients/cli/advice.ts';
import { causeWords } from '../../../clients/cli/cause-words.ts';
import { table } from '../../../clients/cli/table.ts';
import { anStfMessage } from '../../builders/a-message.ts';

const { raw } = anStfMessage(1);
const id = 'prod_quarantine_1';

test.each(['stf-corrupt', 'stf-name-mismatch', 'stf-content-differs'])(
  '%s of a file: the DAQ sends it again; neither a replay nor a retry is proposed',
  (code) => {
    const steps = adviceOn({ code, id, raw }).join('\n');
    expect(steps).toMatch(/have the DAQ send the file and its message again/);
    expect(steps).not.toMatch(/replay|retry|mend/);
  },
);

test('a file that did not arrive: a replay once it is there', () => {
  expect(adviceOn({ code: 'stf-file-lost', id, raw })).toEqual([
    "when the file is in the incoming folder: papilio quarantine replay prod_quarantine_1 --why '…'",
    'else have the DAQ send the file and its message again',
  ]);
});

test('a message whose name contradicts itself is wrong in its bytes: they are replaced', () => {
  const wrong = JSON.stringify({ msg_type: 'stf_gen', filename: 'swf.2.000001.stf', run_id: 1 });
  expect(adviceOn({ code: 'stf-name-mismatch', id, raw: wrong }).join()).toMatch(/quarantine mend/);
});

test.each([
  ['{"Cause":"root: wrong calibration","Error":"Stopped"}', 'root: wrong calibration'],
  [JSON.stringify({ Error: 'PayloadFault', Cause: JSON.stringify({ errorMessage: 'exit\n code 3' }) }), 'exit code 3'],
  ['wrong calibration', 'wrong calibration'],
  ['{"unknown":1}', '{"unknown":1}'],
  ['{broken', '{broken'],
  [undefined, undefined],
])('the cause %s reads %s', (cause, words) => {
  expect(causeWords(cause)).toBe(words);
});

test('a table cuts its last column to the terminal, with …, and nothing before it', () => {
  const columns = [
    { head: 'STF', of: ({ stf }: { stf: string }) => stf },
    { head: 'REASON', of: () => 'TF 134351619: its CRC-32C is wrong', isCut: true },
  ];
  const items = [{ stf: 'swf.1001.000004.stf' }];
  expect(table(columns, items, { columns: 40 })).toEqual([
    'STF                  REASON',
    'swf.1001.000004.stf  TF 134351619: its…',
  ]);
  expect(table(columns, items)[1]).toMatch(/is wrong$/);
  expect(table(columns, items, { columns: 40, isWide: true })[1]).toMatch(/is wrong$/);
});
