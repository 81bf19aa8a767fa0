import { visible } from '../../core/control-characters.ts';
import { counted } from '../../core/counted.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { checkStream } from '../../core/hive/files/check-stream.ts';
import type { FileType } from '../../core/hive/files/file-types.ts';
import type { World } from '../../host/world.ts';
import { readPlace } from '../find-config.ts';
import { hiveLanguage } from '../hive-language.ts';
import { type FileDiagnostics, noSource, showDiagnostics, showFiles } from '../show-diagnostics.ts';

type ValidateOptions = {
  readonly files: readonly string[];
  readonly type: FileType | undefined;
  readonly json: boolean;
};

export async function hiveValidate(
  { files, type, json }: ValidateOptions,
  world: World,
): Promise<number> {
  const checked = files.map((file) => checkPlace(file, type, world));
  await show(checked, json, world);
  if (!json) world.stdout.write(checked.map(({ verdict }) => verdict).join(''));
  return checked.every(({ verdict }) => verdict !== '') ? exitCodes.ok : exitCodes.config;
}

type Checked = FileDiagnostics & {
  /** A line about a file that is valid. */
  readonly verdict: string;
};

function checkPlace(file: string, type: FileType | undefined, world: World): Checked {
  const found = readPlace(file, world, { option: 'the argument' });
  if (found === undefined) {
    const help = 'see how it is spelled';
    throw new VllmdError('noConfig', `the file ${visible(file)} does not exist`, help);
  }
  const { text, result } = checkStream(found.bytes, type);
  const source = { file, text, language: hiveLanguage, isInOrder: true } as const;
  if (!result.ok) return { source, diagnostics: result.diagnostics, verdict: '' };
  const { value, warnings } = result;
  const [first = 'host'] = value;
  const parts = ['valid', value.length > 1 ? counted(value.length, 'document') : wordsOf(first)];
  if (warnings.length > 0) parts.push(counted(warnings.length, 'warning'));
  return { source, diagnostics: warnings, verdict: `${visible(file)}: ${parts.join(', ')}\n` };
}

function wordsOf(type: FileType): string {
  return type.replaceAll('_', ' ');
}

async function show(checked: readonly Checked[], json: boolean, world: World): Promise<void> {
  const said = checked.filter(({ diagnostics }) => diagnostics.length > 0);
  if (said.length > 0) await showFiles(said, json, world);
  else if (json) await showDiagnostics([], noSource, true, world);
}
