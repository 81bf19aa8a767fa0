import type { Script } from 'node:vm';
import { builtinModule } from './builtin-module.ts';
import type { ProgramIndex } from './program.ts';

/** What the groups of a program are read from. Each is asked for once at most. */
export type ProgramStore = {
  /** Shown in stack traces. */
  readonly file: string;
  /** Of where the program lies, with what is beside it. */
  readonly url: string;
  readonly text: (group: number) => string;
  /** What the engine made of that text before, where it is known: to be used before anything else is asked for. */
  readonly code: (group: number) => Buffer | undefined;
};

export type LoadedProgram = {
  /** What a module exports; it is run at the first call. */
  readonly load: (name: string) => unknown;
  readonly scriptOf: (group: number) => Script;
};

type Module = { readonly exports: unknown };

/** The build wraps each module in one. */
type Wrapper = (
  exports: unknown,
  load: (path: string) => unknown,
  module: Module,
  url: string,
) => void;

/**
 * The modules of a program, each read and run when it is first needed. Node has a loader of its own, but what that has
 * compiled it forgets: only a script that is made here can be handed what the engine knows from an earlier run.
 */
export function loadProgram({ modules, groups }: ProgramIndex, store: ProgramStore): LoadedProgram {
  const { Script } = process.getBuiltinModule('node:vm');
  const scripts = new Map<number, Script>();
  const wrappers = new Map<number, { readonly [name: string]: Wrapper }>();
  const loaded = new Map<string, Module>();

  return { load, scriptOf };

  function load(path: string): unknown {
    const name = path.startsWith('./') ? path.slice(2) : path;
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const group = modules[name];
    if (group === undefined) return outside(name);
    const wrapper = wrappersOf(group)[name];
    if (wrapper === undefined) throw new RangeError(`${store.file} has no module ${name}`);
    const module = { exports: {} };
    // Before it is run: modules that need each other get what is there so far.
    loaded.set(name, module);
    try {
      wrapper(module.exports, load, module, store.url);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
    return module.exports;
  }

  /** A path is that of a compiled module: its own package loads it. */
  function outside(name: string): unknown {
    if (!name.startsWith('/')) return builtinModule(name);
    return process.getBuiltinModule('node:module').createRequire(store.url)(name);
  }

  function wrappersOf(group: number): { readonly [name: string]: Wrapper } {
    const known = wrappers.get(group);
    if (known !== undefined) return known;
    const made: { readonly [name: string]: Wrapper } = scriptOf(group).runInThisContext();
    wrappers.set(group, made);
    return made;
  }

  function scriptOf(group: number): Script {
    const known = scripts.get(group);
    if (known !== undefined) return known;
    const text = store.text(group);
    const cachedData = store.code(group);
    const script = new Script(text, {
      filename: store.file,
      lineOffset: groups[group]?.line ?? 0,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    scripts.set(group, script);
    return script;
  }
}
