import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import type { Language } from './fields.ts';
import type { Findings } from './finding.ts';
import { scopesOf, statesOf } from './graph.ts';
import { languageOf } from './objects.ts';

/** A text that its writer may have meant as a path or as a call. */
const looksComputed = (value: Json): boolean => typeof value === 'string' && /^(\$\$?[.[]|States\.\w+\()/.test(value);
const looksLikePath = (value: Json): boolean => typeof value === 'string' && /^\$\$?[.[]/.test(value);

const NO_DOLLAR = "No '.$' on a field that appears to be a JSONPath or Intrinsic Function";
const NO_PATH = "Field value looks like a path, but field name does not end with 'Path'";
const STATIC = 'Attempt to use a path in the result of a pass state';

const template = (value: Json, at: string, findings: Findings): void => {
  if (isArray(value)) for (const [index, item] of value.entries()) template(item, `${at}[${index}]`, findings);
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key.endsWith('.$')) continue;
    if (looksComputed(item)) findings.warning('NO_DOLLAR', NO_DOLLAR, `${at}/${key}`);
    else template(item, `${at}/${key}`, findings);
  }
};

const isStatic = (value: Json): boolean => {
  if (isArray(value)) return value.some(isStatic);
  if (!isObject(value)) return looksComputed(value);
  return Object.entries(value).some(([key, item]) => key.endsWith('.$') || isStatic(item));
};

const TEMPLATES = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign'];
const TEXTS = ['Error', 'Cause', 'Timestamp'];

/** Rules compare with a constant unless the operator ends in Path. */
const rule = (value: Json, at: string, findings: Findings): void => {
  if (isArray(value)) for (const [index, item] of value.entries()) rule(item, `${at}[${index}]`, findings);
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'And' || key === 'Or' || key === 'Not') rule(item, `${at}/${key}`, findings);
    else if (/^String\w+$/.test(key) && !key.endsWith('Path') && looksLikePath(item)) {
      findings.warning('NO_PATH', NO_PATH, `${at}/${key}`);
    }
  }
};

const warnOfState = (state: JsonObject, at: string, findings: Findings): void => {
  for (const field of TEMPLATES) template(own(state, field) ?? null, `${at}/${field}`, findings);
  for (const field of TEXTS) {
    if (looksLikePath(own(state, field) ?? null)) findings.warning('NO_PATH', NO_PATH, `${at}/${field}`);
  }
  rule(own(state, 'Choices') ?? null, `${at}/Choices`, findings);
  if (isStatic(own(state, 'Result') ?? null)) findings.warning('PASS_RESULT_IS_STATIC', STATIC, `${at}/Result`);
};

/**
 * What is probably not meant so, though it is no error; only JSONPath has such traps.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */
export const warnOfScope = (scope: Json, at: string, language: Language, findings: Findings): void => {
  for (const { name, state } of statesOf(scope)) {
    const place = `${at}/States/${name}`;
    if (languageOf(state, language) === 'JSONPath') warnOfState(state, place, findings);
    for (const [inner, where] of scopesOf(state, place)) warnOfScope(inner, where, language, findings);
  }
};
