import type { TomlTree } from '../../src/core/config/toml-tree.ts';
import { checkLlama } from '../../src/core/llama/check.ts';
import type { LlamaInstance } from '../../src/core/llama/instance.ts';
import { referenceTable as table } from '../../src/core/llama/options/option-table.ts';
import { resolveLlama } from '../../src/core/llama/resolve.ts';

export type InstanceParts = {
  readonly name?: string;
  readonly control?: TomlTree;
  /** What it has beside its model and its port. */
  readonly server?: TomlTree;
  /** undefined: the file names none, as with `model`. */
  readonly port?: number | undefined;
  readonly model?: string | undefined;
};

/** An instance as a file with nothing else in it describes it. */
export function llamaInstance(parts: InstanceParts = {}): LlamaInstance {
  const { name = 'a', control = {}, server = {} } = parts;
  const { model, port } = { model: '/m.gguf', port: 8080, ...parts };
  const all = {
    ...(model === undefined ? {} : { model }),
    ...(port === undefined ? {} : { port }),
    ...server,
  };
  const tree = { instance: { [name]: { control, server: all } } };
  const result = checkLlama(tree, { mode: 'lenient', table });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const [instance] = resolveLlama(result.value);
  if (instance === undefined) throw new Error('none');
  return instance;
}
