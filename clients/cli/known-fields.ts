import * as z from 'zod';

/** The parts of a JSON schema that name fields. */
const Node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.output<typeof Node>;

const nodeOf = (value: unknown): Node[] => {
  const node = Node.safeParse(value);
  return node.success ? [node.data] : [];
};

/** A schema with all that it may stand for: alternatives, and what it refers to. */
const meant = (node: Node, root: Node, depth = 0): Node[] => {
  if (depth > 20) return [];
  const referred = node.$ref === undefined ? [] : nodeOf(root.$defs?.[node.$ref.split('/').at(-1) ?? '']);
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])].flatMap(nodeOf);
  return [node, ...[...referred, ...others].flatMap((one) => meant(one, root, depth + 1))];
};

const jsonSchemaOf = (schema: z.ZodType): Node[] =>
  nodeOf(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'output' }));

/** The items of a page, or the thing itself. */
const itemsOf = (root: Node): Node[] =>
  meant(root, root).flatMap((node) => {
    const page = nodeOf(node.properties?.items).flatMap((items) => nodeOf(items.items));
    return page.length > 0 ? page : [node];
  });

const below = (node: Node, name: string, root: Node): Node[] =>
  meant(node, root).flatMap((one) => [
    ...nodeOf(one.properties?.[name]),
    ...(one.additionalProperties === undefined || one.additionalProperties === false
      ? []
      : nodeOf(one.additionalProperties === true ? {} : one.additionalProperties)),
  ]);

/** Whether things of a schema, or the items of its pages, may have a field such as `stf.state`. */
export const mayHave = (schema: z.ZodType, field: string): boolean =>
  jsonSchemaOf(schema).some(
    (root) =>
      field.split('.').reduce<Node[]>((nodes, name) => nodes.flatMap((node) => below(node, name, root)), itemsOf(root))
        .length > 0,
  );

/** Names of the fields that things of a schema have, or the items of its pages. */
export const fieldNames = (schema: z.ZodType): string[] =>
  jsonSchemaOf(schema).flatMap((root) =>
    itemsOf(root).flatMap((node) => meant(node, root).flatMap((one) => Object.keys(one.properties ?? {}))),
  );
