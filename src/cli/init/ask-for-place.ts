import { resolve } from 'node:path';
import { VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { checkPlace, isTaken, type NewFile } from '../write-new-file.ts';
import type { Prompts } from './prompts.ts';

/** Asked again for as long as nothing can be written there. undefined: it is printed. */
export async function askPlace(
  proposed: NewFile,
  prompts: Prompts,
  world: World,
): Promise<NewFile | undefined> {
  const file = await prompts.text({
    message: 'Where is it written to? - prints it',
    initial: proposed.file,
    problem: (text) => (text === '' ? 'a path of a file' : undefined),
  });
  if (file === '-') return undefined;
  const isProposed = file === proposed.file;
  const named = isProposed
    ? proposed
    : { ...proposed, file, absolutePath: resolve(world.cwd, file), makesParents: false };
  try {
    const isToReplace = !named.force && (await isTaken(named, world));
    const place = isToReplace ? await askToReplace(named, prompts) : named;
    if (place === undefined) return askPlace(proposed, prompts, world);
    await checkPlace(place, world);
    return place;
  } catch (error) {
    if (!(error instanceof VllmdError) || error.exit === 'interrupted') throw error;
    prompts.warn(`${error.message}${error.hint === undefined ? '' : `: ${error.hint}`}`);
    return askPlace(proposed, prompts, world);
  }
}

/** undefined: it stays. */
async function askToReplace(place: NewFile, prompts: Prompts): Promise<NewFile | undefined> {
  const message = `${place.file} is there already. Replace it? A copy is kept`;
  return (await prompts.confirm(message)) ? { ...place, force: true } : undefined;
}
