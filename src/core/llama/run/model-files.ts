import { visible } from '../../control-characters.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { ModelFile } from '../instance.ts';
import { wrong } from '../rules/tell.ts';
import { shardsOf } from '../shards.ts';

/** What is wrong with a model of which some files are not there, or no files; undefined where all are. */
export function missingModel(
  { path, pointer }: ModelFile,
  isThere: (path: string) => boolean,
): Diagnostic | undefined {
  const all = shardsOf(path);
  const missing = all.filter((file) => !isThere(file));
  const [first] = missing;
  if (first === undefined) return undefined;
  const isWhole = missing.length === all.length;
  const text = isWhole
    ? `there is no such model here: ${visible(path)}`
    : `${missing.length} of ${all.length} shards ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.slice(0, 3).map(visible).join(', ')}${missing.length > 3 ? ', …' : ''}`;
  const help = isWhole
    ? 'paths are those of the place where llama-server runs: is a volume not mounted?'
    : 'all shards of a model lie in one directory';
  return wrong('llama-model-file', pointer, text, help);
}
