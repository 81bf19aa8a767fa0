import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from '../system/run.ts';

export type RealServer = {
  /** A `llama_cpp_path`. */
  readonly path: string;
  /** It is not there, which has been told: tests that need it are skipped. */
  readonly isMissing: boolean;
};

/** What test/llama/prereq.sh has got. In CI it has to be there. */
export function realLlamaServer(): RealServer {
  const path = join(cacheRoot, 'llama/llama-server');
  const isMissing = !existsSync(path);
  const obstacle = `there is no ${path}: bash test/llama/prereq.sh`;
  if (isMissing && process.env['CI'] !== undefined) throw new Error(obstacle);
  if (isMissing) process.stderr.write(`tests of llama-server skipped: ${obstacle}\n`);
  return { path, isMissing };
}
