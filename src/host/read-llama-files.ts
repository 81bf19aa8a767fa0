import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { pointer } from '../core/diagnostic.ts';
import { readAccount } from './inspect.ts';
import { type LlamaFiles, noLlamaFiles } from './llama-files.ts';
import type { Named, Places } from './read-llama-file.ts';

/** What the llama.cpp files that a config names say, each read once. */
export async function readLlamaFiles(input: ConfigInput, places: Places): Promise<LlamaFiles> {
  const named = namesIn(input);
  if (named.size === 0) return noLlamaFiles;
  // Most hosts have none, and need nothing of what reads them.
  const { readLlamaFile } = await import('./read-llama-file.ts');
  const account = await readAccount(places.host, input.global.user);
  let all = noLlamaFiles;
  for (const [path, { at, inGuest }] of named) {
    const one = await readLlamaFile(path, { at, inGuest, account }, places);
    all = {
      instances: new Map([...all.instances, ...one.instances]),
      problems: [...all.problems, ...one.problems],
      refused: [...all.refused, ...one.refused],
      warned: [...all.warned, ...one.warned],
    };
  }
  return all;
}

/** Each path, and the first place that names it. */
function namesIn({ runtimes = [], hive }: ConfigInput): ReadonlyMap<string, Named> {
  const named = new Map<string, Named>();
  for (const [position, { llama }] of runtimes.entries()) {
    if (llama === undefined || named.has(llama.config)) continue;
    const at = pointer('runtimes', position, 'llama', 'config');
    named.set(llama.config, { at, inGuest: true });
  }
  const onHost = hive?.llama_config;
  if (onHost !== undefined && !named.has(onHost)) {
    named.set(onHost, { at: pointer('hive', 'llama_config'), inGuest: false });
  }
  return named;
}
