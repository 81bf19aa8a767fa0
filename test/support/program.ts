import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What CommonJS packages ask for in an ES module. */
const requireBanner =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Writes TypeScript that imports from `./src/…` as one file that Node runs, of the kind that its name says: .cjs or .mjs. */
export async function bundleProgram(source: string, outfile: string): Promise<void> {
  const isModule = outfile.endsWith('.mjs');
  await build({
    stdin: { contents: source, resolveDir: repository, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: isModule ? 'esm' : 'cjs',
    banner: isModule ? { js: requireBanner } : {},
    logLevel: 'warning',
  });
}

export type Program = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The next line that it prints; undefined at its end. */
  readonly line: () => Promise<string | undefined>;
  /** Its exit code, or the signal that ended it. */
  readonly end: () => Promise<number | string | null>;
};

/** Runs in a process group of its own, with what is on its standard error shown. */
export function startProgram(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, [...argv], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  return {
    child,
    pid: child.pid ?? 0,
    line: async () => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
    end: async () => {
      const [code, signal] = await ended;
      return signal ?? code;
    },
  };
}
