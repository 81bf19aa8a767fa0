import type { WriteStream } from 'node:tty';
import { readConfigFile } from './config-file.ts';
import { createLocalHost } from './local-host.ts';
import type { Output, World } from './world.ts';

/** Set when the program is bundled. */
declare const __VLLMD_VERSION__: string | undefined;

type Process = Pick<NodeJS.Process, 'env' | 'cwd' | 'geteuid' | 'stdout' | 'stderr'>;

export function realWorld(process: Process): World {
  const uid = process.geteuid?.() ?? -1;
  return {
    env: process.env,
    cwd: process.cwd(),
    uid,
    version: typeof __VLLMD_VERSION__ === 'string' ? __VLLMD_VERSION__ : '0.0.0-source',
    stdout: output(process.stdout, process.env),
    stderr: output(process.stderr, process.env),
    host: (root) => createLocalHost({ root, uid, setsOwner: uid === 0 }),
    treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }),
    readConfigFile,
  };
}

function output(stream: WriteStream, env: NodeJS.ProcessEnv): Output {
  const { NO_COLOR, TERM } = env;
  const isTerminal = stream.isTTY === true && TERM !== 'dumb';
  const hasColour = isTerminal && (NO_COLOR ?? '') === '';
  return { write: (text) => void stream.write(text), hasColour, isTerminal };
}
