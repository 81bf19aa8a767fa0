import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cacheRoot, obstacleHere } from './run.ts';

/** What all files of the tier share is made once, before any of them begins: they run side by side. */
export function setup(): void {
  if (obstacleHere() !== undefined) return;
  const script = (path: string, ...args: readonly string[]) =>
    execFileSync('bash', [fileURLToPath(new URL(path, import.meta.url)), ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  script('../host/prereq.sh');
  script('../llama/prereq.sh');
  script('../ansible/prereq.sh');
  script('../host/build-tree.sh', cacheRoot);
}
