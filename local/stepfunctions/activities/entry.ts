/** An activity: work that workers ask for. */
export type ActivityEntry = {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  tags: Readonly<Record<string, string>>;
};
