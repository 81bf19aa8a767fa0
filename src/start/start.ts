import type { main } from '../main.ts';
import { loadProgram } from './load-program.ts';
import type { ProgramIndex } from './program.ts';
import { programFile, programFiles } from './program-files.ts';

/** Set by the build. */
declare const __VLLMD_INDEX__: ProgramIndex;

type Program = { readonly main: typeof main };

// No imports of Node's own modules in the files of this folder: each would be wrapped for every start.
if (isOldNode()) refuse();
else if (!isVersionTold()) await start();

/** One that came instead of the one that vllmd was installed with: a package has a dependency, install.sh only looks once. */
function isOldNode(): boolean {
  const { getBuiltinModule }: Partial<NodeJS.Process> = process;
  return getBuiltinModule === undefined;
}

function refuse(): void {
  const text = `vllmd needs Node.js 20.19 or newer, and ${process.execPath} is ${process.version}`;
  process.stderr.write(`error: ${text}\n  → install a newer one\n`);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  const files = programFiles(__VLLMD_INDEX__, `${import.meta.dirname}/`, import.meta.url);
  if (files === undefined) {
    const file = `${import.meta.dirname}/${programFile(__VLLMD_INDEX__)}`;
    process.stderr.write(
      `error: ${file} is not there\n  → it is a part of vllmd: install vllmd again\n`,
    );
    process.exitCode = 1;
    return;
  }
  const program = loadProgram(__VLLMD_INDEX__, files).load('main.js') as Program;
  await program.main(process);
}

/** The version alone needs nothing of the program. Where it cannot be written the program says why. */
function isVersionTold(): boolean {
  const [word, ...others] = process.argv.slice(2);
  if (word !== '--version' || others.length > 0) return false;
  const text = `${__VLLMD_INDEX__.version}\n`;
  try {
    return process.getBuiltinModule('node:fs').writeSync(1, text) === text.length;
  } catch {
    return false;
  }
}
