import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStfName, stfName } from '#lib/model/stf-name';

describe('the name of an STF', () => {
  it('is what the DAQ writes', () => {
    expect(stfName({ run: 102_363, sequence: 1 })).toBe('swf.102363.000001.stf');
    expect(parseStfName('swf.102363.000001.stf')).toEqual({ run: 102_363, sequence: 1 });
    expect(parseStfName('swf.001001.000000.stf')).toEqual({ run: 1001, sequence: 0 });
  });

  it('comes back to the same numbers', () => {
    const numbers = fc.record({ run: fc.nat(999_999_999), sequence: fc.nat(999_999_999) });
    fc.assert(
      fc.property(numbers, (of) => {
        expect(parseStfName(stfName(of))).toEqual(of);
      }),
    );
  });

  it.each([
    '../../x',
    'swf.1.000001.stf/../../x',
    'swf.1.000001.stf\n',
    'swf.1.1.stf',
    'swf.-1.000001.stf',
    'swf.1152921504606846976.000001.stf',
    'swf.1.000001.stf_tf_001.tf',
    'SWF.1.000001.STF',
    'swf.１.000001.stf',
    '',
  ])('is not %j', (name) => {
    expect(parseStfName(name)).toBeUndefined();
  });

  it('never lets a path through', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (parseStfName(text) !== undefined) expect(text).toMatch(/^swf\.\d+\.\d+\.stf$/);
      }),
    );
  });
});
