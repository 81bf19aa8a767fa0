import { build } from 'esbuild';

/** Writes the check of VM definitions as one file that a stand-in without node_modules can load. */
export async function bundleVmCheck(outfile: string): Promise<void> {
  await bundle(new URL('vm-check.ts', import.meta.url), outfile);
}

/** The same with what starts and stops runtimes. */
export async function bundleRuntime(outfile: string): Promise<void> {
  await bundle(new URL('runtime.ts', import.meta.url), outfile);
}

async function bundle(entry: URL, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry.pathname],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
}
