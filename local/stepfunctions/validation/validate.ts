import { compile } from '../compile.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { hiddenVariables } from '../variable-scopes.ts';
import { Enough, type Finding, Findings } from './finding.ts';
import { Graph } from './graph.ts';
import { jsonProblem } from './json-text.ts';
import { checkObject, languageOf } from './objects.ts';
import { warnOfScope } from './warnings.ts';

/** The kind of machine that a definition is for; an express one may do less. */
export type MachineType = 'STANDARD' | 'EXPRESS';

const NO_OBJECT = 'Definition must be a valid JSON object';

const parse = (text: string, findings: Findings): JsonObject | undefined => {
  const problem = text.trim() === '' ? undefined : jsonProblem(text);
  if (problem) {
    const code = problem.isTooDeep ? 'TOO_DEEPLY_NESTED' : 'INVALID_JSON_DESCRIPTION';
    findings.error(code, problem.message, problem.source);
    return undefined;
  }
  const value: Json = text.trim() === '' ? null : JSON.parse(text);
  if (isObject(value)) return value;
  findings.error('SCHEMA_VALIDATION_FAILED', NO_OBJECT);
  return undefined;
};

/** Everything that AWS would say about a definition: errors first, then warnings. */
export const validate = (text: string, type: MachineType = 'STANDARD'): readonly Finding[] => {
  const findings = new Findings();
  const definition = parse(text, findings);
  if (!definition) return findings.errors;
  try {
    checkAll(definition, type, findings);
  } catch (thrown) {
    if (!(thrown instanceof Enough)) throw thrown;
  }
  return [...findings.errors, ...findings.warnings];
};

const checkAll = (definition: JsonObject, type: MachineType, findings: Findings): void => {
  const language = languageOf(definition, 'JSONPath');
  const isExpress = type === 'EXPRESS';
  const context = { findings, language, machineLanguage: language, isExpress, isDistributed: false };
  checkObject(definition, '', 'StateMachine', context);
  new Graph(findings).check(definition, '', true);
  for (const { name, at } of hiddenVariables(definition)) {
    const message = `The variable name '${name}' was already defined in a parent scope.`;
    findings.error('DUPLICATE_VARIABLE_NAME', message, at);
  }
  warnOfScope(definition, '', language, findings);
};

/** What AWS would say, and, of what it would accept, what this engine cannot do yet. */
export const diagnose = (text: string, type?: MachineType): readonly Finding[] => {
  const findings = validate(text, type);
  if (findings.some(({ severity }) => severity === 'ERROR')) return findings;
  const refused = (compile(text).diagnostics ?? []).map(
    ({ code, message, at }): Finding => ({ severity: 'ERROR', code, message, location: at }),
  );
  return [...refused, ...findings];
};
