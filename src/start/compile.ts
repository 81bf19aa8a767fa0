import type { warmUp } from '../warm-up.ts';
import { type LoadedProgram, loadProgram } from './load-program.ts';
import type { ProgramIndex } from './program.ts';
import {
  CODE_SIZE_BYTES,
  type CodeHeader,
  codeFile,
  nodeName,
  programFiles,
} from './program-files.ts';

/** Set by the build. */
declare const __VLLMD_INDEX__: ProgramIndex;

// Run once where vllmd or Node has been put in place: vllmd starts faster from then on.
const folder = `${import.meta.dirname}/`;
const files = programFiles(__VLLMD_INDEX__, folder, import.meta.url);
if (files === undefined) throw new Error(`${folder} has no program to compile`);
const program = loadProgram(__VLLMD_INDEX__, { ...files, code: () => undefined });
const { warmUp: warm } = program.load('warm-up.js') as { readonly warmUp: typeof warmUp };
await warm(process);
write(program);

function write({ scriptOf }: LoadedProgram): void {
  const { chmodSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const codes = __VLLMD_INDEX__.groups.map((_, group) => scriptOf(group).createCachedData());
  const path = folder + codeFile(__VLLMD_INDEX__);
  const staged = `${path}.${process.pid}`;
  // On the disk before it has its name: a file that was cut off by a power cut would crash the engine.
  const content = Buffer.concat([headerOf(codes), ...codes]);
  try {
    writeFileSync(staged, content, { mode: 0o644, flush: true });
    chmodSync(staged, 0o644);
    renameSync(staged, path);
  } finally {
    rmSync(staged, { force: true });
  }
}

function headerOf(codes: readonly Buffer[]): Buffer {
  let offset = 0;
  const groups: Record<number, readonly [number, number]> = {};
  for (const [group, { byteLength }] of codes.entries()) {
    groups[group] = [offset, byteLength];
    offset += byteLength;
  }
  const header: CodeHeader = {
    id: __VLLMD_INDEX__.id,
    node: nodeName(process),
    byteLength: offset,
    groups,
  };
  const text = JSON.stringify(header);
  return Buffer.from(`${String(text.length).padEnd(CODE_SIZE_BYTES)}${text}`);
}
