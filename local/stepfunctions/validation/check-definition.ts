import { AwsError } from '../../engine/part.ts';
import { MAX_DEFINITION_BYTES } from '../limits.ts';
import { describeFindings } from './finding.ts';
import { diagnose, type MachineType } from './validate.ts';

/** Refuses a definition that AWS would not take. @throws InvalidDefinition */
export const checkDefinition = (definition: string, type?: MachineType): void => {
  if (Buffer.byteLength(definition) > MAX_DEFINITION_BYTES) {
    throw new AwsError('InvalidDefinition', `The definition exceeds ${MAX_DEFINITION_BYTES} bytes`);
  }
  const errors = diagnose(definition, type).filter(({ severity }) => severity === 'ERROR');
  if (errors.length > 0) throw new AwsError('InvalidDefinition', describeFindings(errors));
};
