import { getRawAsset } from 'node:sea';
import type { main } from '../main.ts';
import { loadProgram } from './load-program.ts';
import type { ProgramIndex } from './program.ts';

/** Set by the build. */
declare const __VLLMD_INDEX__: ProgramIndex;

type Program = { readonly main: typeof main };

// The program as a part of the executable that Node is: nothing lies beside it.
void start();

async function start(): Promise<void> {
  // What was typed. A program that is started once more has no script to be told.
  process.argv[1] = process.execPath;
  const bytes = Buffer.from(getRawAsset('program') as ArrayBuffer);
  const program = loadProgram(__VLLMD_INDEX__, {
    file: 'program.js',
    url: process.getBuiltinModule('node:url').pathToFileURL(process.execPath).href,
    text: (group) => {
      const { offset = 0, byteLength = 0 } = __VLLMD_INDEX__.groups[group] ?? {};
      return bytes.toString('utf8', offset, offset + byteLength);
    },
    code: () => undefined,
  }).load('main.js') as Program;
  await program.main(process);
}
