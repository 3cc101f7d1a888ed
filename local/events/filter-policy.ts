import { isArray, isObject, type Json, type JsonObject, parseJson } from '../stepfunctions/json.ts';
import { compilePattern } from './event-pattern.ts';

/** An attribute of a message, as SNS takes it. */
export type Attribute = {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
};

/** Whether a subscription wants a message. */
export type WantsMessage = (message: string, attributes: Readonly<Record<string, Attribute>>) => boolean;

/** The value of an attribute that a policy looks at; bytes have none. */
const attributeValue = ({ DataType, StringValue = '' }: Attribute): Json | undefined => {
  if (DataType.startsWith('Binary')) return undefined;
  if (DataType.startsWith('Number')) return Number(StringValue);
  if (DataType !== 'String.Array') return StringValue;
  const values = parseJson(StringValue);
  return isArray(values) ? values : undefined;
};

const valuesOf = (attributes: Readonly<Record<string, Attribute>>): JsonObject =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]) => {
      const value = attributeValue(attribute);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Compiles a filter policy of a subscription: of attributes, or of the message where it is JSON.
 * @throws InvalidPattern
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export const compileFilter = (
  policy: Json | undefined,
  scope: 'MessageAttributes' | 'MessageBody' = 'MessageAttributes',
): WantsMessage => {
  if (policy === undefined) return () => true;
  const matches = compilePattern(policy, { isFlat: scope === 'MessageAttributes' });
  if (scope === 'MessageAttributes') return (_message, attributes) => matches(valuesOf(attributes));
  return (message) => {
    const body = parseJson(message);
    return isObject(body) && matches(body);
  };
};
