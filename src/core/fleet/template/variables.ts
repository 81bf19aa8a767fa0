/** What stands in braces in a command. */
export const variableNames = [
  'source',
  'port',
  'host',
  'backend_args',
  'backend_env',
  'model_id',
  'host_id',
  'backend_id',
] as const;

export type VariableName = (typeof variableNames)[number];

/** Values before they are escaped: a list becomes several words. Environments are `KEY=value`, in the order of the file. */
export type Variables = {
  readonly source: string;
  readonly port: number;
  readonly host: string;
  readonly backend_args: readonly string[];
  readonly backend_env: readonly string[];
  readonly model_id: string;
  readonly host_id: string;
  readonly backend_id: string;
};
