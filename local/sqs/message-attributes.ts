import { createHash, hash } from 'node:crypto';
import { AwsError } from '../engine/part.ts';
import { badValue } from './errors.ts';
import type { MessageAttribute } from './records.ts';

/** Attributes of a message by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const maxAttributes = 10;
const attributeName = /^(?!aws\.|amazon\.)(?!.*\.\.)[A-Za-z0-9_-]([A-Za-z0-9_.-]{0,254}[A-Za-z0-9_-])?$/i;
const dataType = /^(String|Number|Binary)(\..{1,248})?$/;

/** MD5 of a message's body. */
export const md5OfBody = (body: string): string => hash('md5', body);

/** @throws AwsError if SQS does not take these attributes */
export function checkMessageAttributes(attributes: MessageAttributes): void {
  const names = Object.keys(attributes);
  if (names.length > maxAttributes) {
    throw badValue('MessageAttributes', names.length, `Number of message attributes exceeds ${maxAttributes}.`);
  }
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute) checkAttribute(name, attribute);
  }
}

function checkAttribute(name: string, attribute: MessageAttribute): void {
  if (!attributeName.test(name)) {
    throw badValue(`MessageAttributes.${name}`, name, 'The message attribute name is not allowed.');
  }
  if (!dataType.test(attribute.DataType)) {
    throw new AwsError(
      'InvalidParameterValue',
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is ` +
        'Binary, Number, and String.',
    );
  }
  if (!textOf(attribute)) {
    const kind = attribute.DataType.split('.')[0];
    throw new AwsError(
      'InvalidParameterValue',
      `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type ` +
        `'${kind}'.`,
    );
  }
  if (attribute.DataType.startsWith('Number') && Number.isNaN(Number(attribute.StringValue))) {
    throw new AwsError(
      'InvalidParameterValue',
      `Can't cast the value of message (user) attribute '${name}' to a number.`,
    );
  }
}

const isBinary = (attribute: MessageAttribute): boolean => attribute.DataType.startsWith('Binary');
const textOf = (attribute: MessageAttribute): string | undefined =>
  isBinary(attribute) ? attribute.BinaryValue : attribute.StringValue;
const bytesOf = (attribute: MessageAttribute): Buffer =>
  Buffer.from(textOf(attribute) ?? '', isBinary(attribute) ? 'base64' : 'utf8');

/** What the attributes add to a message's size. */
export function sizeOfAttributes(attributes: MessageAttributes): number {
  let sizeBytes = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    sizeBytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + bytesOf(attribute).length;
  }
  return sizeBytes;
}

/** MD5 over all attributes, as SQS and its clients compute it; undefined for none. */
export function md5OfAttributes(attributes: MessageAttributes | undefined): string | undefined {
  if (attributes === undefined) return undefined;
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const md5 = createHash('md5');
  const put = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    md5.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    put(Buffer.from(name));
    put(Buffer.from(attribute.DataType));
    md5.update(Buffer.from([isBinary(attribute) ? 2 : 1]));
    put(bytesOf(attribute));
  }
  return md5.digest('hex');
}

/** The attributes that a receive asked for: by name, by prefix `foo.*`, or all. */
export function chosenAttributes(
  attributes: MessageAttributes | undefined,
  wanted: readonly string[],
): MessageAttributes | undefined {
  if (attributes === undefined || wanted.length === 0) return undefined;
  const isWanted = (name: string) =>
    wanted.some(
      (want) =>
        want === 'All' || want === '.*' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  const chosen = Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
  return Object.keys(chosen).length > 0 ? chosen : undefined;
}
