import { build } from 'esbuild';

/** Writes the check of VM definitions as one file that a stand-in without node_modules can load. */
export async function bundleVmCheck(outfile: string): Promise<void> {
  await build({
    entryPoints: [new URL('vm-check.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
}
