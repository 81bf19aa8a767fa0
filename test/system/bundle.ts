import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, type Plugin } from 'esbuild';
import { ajv, validate } from './vm-schema.ts';

/** Writes the check of VM definitions as one file that a stand-in without node_modules can load. */
export async function bundleVmCheck(outfile: string): Promise<void> {
  await bundle(new URL('vm-check.ts', import.meta.url), outfile, [compiledSchema]);
}

/** The same with what starts and stops runtimes. */
export async function bundleRuntime(outfile: string): Promise<void> {
  await bundle(new URL('runtime.ts', import.meta.url), outfile);
}

/** A stand-in that compiled the schema at each start would do little else; in QEMU it takes seconds. */
const compiledSchema: Plugin = {
  name: 'compiled-schema',
  setup({ onLoad }) {
    onLoad({ filter: /\/vm-schema\.ts$/ }, () => ({
      contents: standaloneCode.default(ajv, validate),
      resolveDir: new URL('.', import.meta.url).pathname,
    }));
  },
};

async function bundle(entry: URL, outfile: string, plugins: Plugin[] = []): Promise<void> {
  await build({
    entryPoints: [entry.pathname],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
    plugins,
  });
}
