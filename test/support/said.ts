import { posix } from 'node:path';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import { entryOf } from '../../src/core/config/toml-tree.ts';
import type { Desired, DesiredRuntime } from '../../src/core/resolve/desired.ts';
import { readEnvironmentFile } from './env-file-grammar.ts';
import { schema } from './schema-configs.ts';

/** What a config says, worked out a second time and without the program: what rendered files are held against. */

/** The texts of a rendered tree by path. */
export type Tree = ReadonlyMap<string, string>;
type Runtime = NonNullable<ConfigInput['runtimes']>[number];

export type Paths = {
  readonly config: string;
  readonly state: string;
  readonly of: (path: string) => string;
};

/** Written anew, since it is what `expandPath` and `path` are held against. */
export function pathsOf({ global }: ConfigInput): Paths {
  const home = `/home/${global.user}`;
  const of = (path: string) => {
    const variables = {
      XDG_CONFIG_HOME: `${home}/.config`,
      XDG_STATE_HOME: `${home}/.local/state`,
      HOME: home,
      USER: global.user,
    };
    const parts = path.replace(/^~(?=\/|$)/, () => home).split(/(\$\w+|\$\{\w+\})/);
    const whole = parts.map(
      (part) => entryOf(variables, part.replace(/^\$\{?(\w+)\}?$/, '$1')) ?? part,
    );
    return posix
      .normalize(whole.join(''))
      .replace(/(?!^)\/$/, '')
      .replace(/^\/\//, '/');
  };
  return {
    of,
    config: of(global.config_dir ?? defaultOf('global', 'config_dir')),
    state: of(global.state_dir ?? defaultOf('global', 'state_dir')),
  };
}

export function defaultOf(table: string, key: string): string {
  return String(schemaDefault(table, key));
}

export function schemaDefault(table: string, key: string): unknown {
  const node = entryOf(entryOf(schema, 'properties'), table);
  return entryOf(entryOf(entryOf(node, 'properties'), key), 'default');
}

export type At = {
  readonly input: ConfigInput;
  readonly runtime: Runtime;
  readonly resolved: DesiredRuntime;
  readonly desired: Desired;
  readonly paths: Paths;
  readonly tree: Tree;
};

export function environmentAt(tree: Tree, path: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readEnvironmentFile(textAt(tree, path)));
}

export function textAt(tree: Tree, path: string): string {
  const text = tree.get(path);
  if (text === undefined) throw new Error(`${path} is not there`);
  return text;
}

export function memoryGib({ global }: ConfigInput, runtime: Runtime): number {
  return (
    runtime.memory_gb ??
    global.default_memory_gb ??
    Number(schemaDefault('global', 'default_memory_gb'))
  );
}

export function cpusOf({ global }: ConfigInput, runtime: Runtime): number {
  return runtime.cpus ?? global.default_cpus ?? Number(schemaDefault('global', 'default_cpus'));
}

export function isConnected({ network }: ConfigInput): boolean {
  return network?.mode !== 'none';
}

export function payloadOf({ input, runtime, paths }: At): { readonly [key: string]: string } {
  const boot = input.boot ?? {};
  const own = runtime.firmware ?? runtime.kernel;
  if (runtime.firmware !== undefined || (own === undefined && boot.kernel === undefined)) {
    return {
      firmware: paths.of(runtime.firmware ?? boot.firmware ?? defaultOf('boot', 'firmware')),
    };
  }
  const initramfs =
    runtime.initramfs ?? (runtime.kernel === undefined ? boot.initramfs : undefined);
  return {
    kernel: paths.of(runtime.kernel ?? boot.kernel ?? ''),
    cmdline: runtime.cmdline ?? boot.cmdline ?? defaultOf('boot', 'cmdline'),
    ...(initramfs === undefined ? {} : { initramfs: paths.of(initramfs) }),
  };
}

export const PAGE_BYTES = { none: 0, '2M': 2 ** 21, '1G': 2 ** 30 };
