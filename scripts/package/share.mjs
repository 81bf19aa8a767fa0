// What lies below share/ in every package beside the program itself.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './release.mjs';

/** Files below a folder of the project, by their path in it. */
export function filesBelow(folder) {
  const at = join(root, folder);
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at.length + 1))
    .sort()
    .map((path) => [path, readFileSync(join(at, path))]);
}

/** Configs to begin with, each with what it is an example of in its name. */
const EXAMPLES = {
  'vllmd.toml': 'fixtures/contract-example/vllmd.toml',
  'vllmd-version-2.toml': 'fixtures/version-2/vllmd.toml',
  'llama.toml': 'fixtures/llama-contract-example/llama.toml',
  'runtimes.json': 'fixtures/fleet-contract-1/runtimes.json',
};

export function examples() {
  return Object.entries(EXAMPLES).map(([name, path]) => [name, readFileSync(join(root, path))]);
}
