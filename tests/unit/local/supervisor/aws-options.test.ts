import { expect, test } from 'vitest';
import { readAwsPort, wordsOf } from '../../../../local/plane/aws-port.ts';
import { awsPortOf, awsProblemOf } from '../../../../local/supervisor/aws-options.ts';
import { readOptions } from '../../../../local/supervisor/options.ts';

test('what npm start is told of the port for AWS’s clients reaches the plane as it was said', () => {
  const names = ['--aws-host-name', 'host.docker.internal', '--aws-host-name', 'engine'];
  const options = readOptions(['--aws-port', '4570', '--aws-acts', '--aws-credentials', '/keys', ...names]);
  const port = awsPortOf(options);
  const asked = { port: 4570, hostNames: ['host.docker.internal', 'engine'], credentials: '/keys', acts: true };
  expect(port).toEqual(asked);
  expect(readAwsPort(['work', '--after', 'crash', ...(port ? wordsOf(port) : [])])).toEqual(asked);
});

test('a port that nothing is said of only reads, for everybody on the machine', () => {
  const port = awsPortOf(readOptions(['--aws-port', '4570']));
  expect(readAwsPort(['work', ...(port ? wordsOf(port) : [])])).toEqual({ port: 4570, hostNames: [], acts: false });
  expect(readAwsPort(['archive', '--after', 'loop'])).toBeUndefined();
});

test('options of a port that is not opened are a mistake', () => {
  const nothing = { awsHostName: [], awsActs: false };
  expect(awsProblemOf(nothing)).toBeUndefined();
  for (const given of [{ awsActs: true }, { awsCredentials: 'keys' }, { awsHostName: ['engine'] }])
    expect(awsProblemOf({ ...nothing, ...given })).toContain('go with --aws-port');
});
