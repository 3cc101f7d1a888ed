import * as z from 'zod';
import { MAX_DEFINITION_BYTES } from '../limits.ts';
import { MAX_FINDINGS } from '../validation/finding.ts';
import { diagnose } from '../validation/validate.ts';
import { type Operation, operation } from './operation.ts';

const Validation = z.object({
  definition: z.string().min(1).max(MAX_DEFINITION_BYTES),
  type: z.enum(['STANDARD', 'EXPRESS']).optional(),
  severity: z.enum(['ERROR', 'WARNING']).optional(),
  maxResults: z.int().min(0).max(MAX_FINDINGS).optional(),
});

/** Tells what is wrong with a definition, as many findings as are asked for; 0 means as many as there can be. */
const validateStateMachineDefinition = operation(
  Validation,
  async (_host, { definition, type, severity = 'ERROR', maxResults }) => {
    const findings = diagnose(definition, type);
    const told = severity === 'WARNING' ? findings : findings.filter((finding) => finding.severity === 'ERROR');
    const most = maxResults || MAX_FINDINGS;
    return {
      result: findings.some((finding) => finding.severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: told.slice(0, most),
      truncated: told.length > most,
    };
  },
);

/** The operation that looks at a definition and makes nothing of it. */
export const VALIDATION_OPERATIONS: Readonly<Record<string, Operation>> = {
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};
