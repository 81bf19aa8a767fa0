/** Take long to load, and many commands never use what they import of them. */
const slow: ReadonlySet<string> = new Set([
  ...['assert', 'child_process', 'crypto', 'http', 'https', 'net', 'readline', 'v8'],
  ...['worker_threads', 'zlib'],
]);

const made = new Map<string, object>();

/** A module of Node itself. A slow one is loaded when something of it is first asked for. */
export function builtinModule(id: string): object {
  const name = id.startsWith('node:') ? id.slice('node:'.length) : id;
  const known = made.get(name);
  if (known !== undefined) return known;
  const module = slow.has(name) ? whenAsked(() => real(name)) : real(name);
  made.set(name, module);
  return module;
}

function real(id: string): object {
  // Some have a name with it only.
  const module = process.getBuiltinModule(`node:${id}`);
  if (module === undefined) throw new RangeError(`this Node.js has no module ${id}`);
  return module;
}

/** What `assert` has are functions, and who imports them keeps them for a bug that never comes. */
function isCheck(key: string | symbol): key is string {
  return key === 'strictEqual' || key === 'notStrictEqual';
}

function whenCalled(load: () => object, key: string): (...args: readonly unknown[]) => unknown {
  return (...args) => Reflect.apply(Reflect.get(load(), key), undefined, args);
}

function whenAsked(load: () => object): object {
  return new Proxy(
    // `assert` is a function.
    () => undefined,
    {
      apply: (_, self, args) => Reflect.apply(load() as () => unknown, self, args),
      get: (_, key) => (isCheck(key) ? whenCalled(load, key) : Reflect.get(load(), key)),
      has: (_, key) => Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      // Of the target itself it has to be one that could go away.
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(load(), key);
        return found === undefined ? undefined : { ...found, configurable: true };
      },
    },
  );
}
