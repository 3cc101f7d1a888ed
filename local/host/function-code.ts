/** Code that can be deployed: a folder with a module in it. */
export type FunctionCode = {
  readonly name: string;
  /** The folder that Lambda calls the task's root. */
  readonly folder: string;
  /** `<module>.<export>`, such as `index.handler`. */
  readonly handler: string;
  /** Of what is in the folder, in hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
};
