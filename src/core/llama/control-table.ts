import { entryOf } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';
import type { Written } from './written.ts';

/** What a control table says; a key that it does not have, or with a value of another type, is absent. */
export type ControlTable = {
  readonly logDir?: Written<string>;
  readonly logFile?: Written<string>;
  readonly background?: Written<boolean>;
  readonly enabled?: Written<boolean>;
  readonly gpuIds?: Written<string>;
};

/** `at` is the place of the table. */
export function controlTable(table: unknown, at: string): ControlTable {
  const text = (key: string): Written<string> | undefined => {
    const value = entryOf(table, key);
    return typeof value === 'string' ? { value, pointer: at + pointer(key) } : undefined;
  };
  const truth = (key: string): Written<boolean> | undefined => {
    const value = entryOf(table, key);
    return typeof value === 'boolean' ? { value, pointer: at + pointer(key) } : undefined;
  };
  const [logDir, logFile, gpuIds] = [text('log_dir'), text('log_file'), text('gpu_ids')];
  const [background, enabled] = [truth('background'), truth('enabled')];
  return {
    ...(logDir === undefined ? {} : { logDir }),
    ...(logFile === undefined ? {} : { logFile }),
    ...(background === undefined ? {} : { background }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(gpuIds === undefined ? {} : { gpuIds }),
  };
}
