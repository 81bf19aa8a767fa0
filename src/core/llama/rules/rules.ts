import type { Diagnostic } from '../../diagnostic.ts';
import { falseCounts } from './false-counts.ts';
import { firstShardOnly } from './first-shard.ts';
import { gpuIdsSyntax } from './gpu-ids-syntax.ts';
import { listCounts } from './list-counts.ts';
import { logShared } from './log-shared.ts';
import { modelPresent } from './model-present.ts';
import { noControlCharacters } from './no-control-characters.ts';
import { noInstance } from './no-instance.ts';
import { optionOnce } from './option-once.ts';
import { optionRepeated } from './option-repeated.ts';
import { optionValue } from './option-value.ts';
import { portMissing } from './port-missing.ts';
import { portNumber } from './port-number.ts';
import { portTaken } from './port-taken.ts';
import { removedOption } from './removed-option.ts';
import { routerMode } from './router-mode.ts';
import type { LlamaRule, LlamaSubject } from './rule.ts';
import { secretVisible } from './secret-visible.ts';
import { unknownOption } from './unknown-option.ts';

export const llamaRules: readonly LlamaRule[] = [
  falseCounts,
  firstShardOnly,
  gpuIdsSyntax,
  listCounts,
  logShared,
  modelPresent,
  noControlCharacters,
  noInstance,
  optionOnce,
  optionRepeated,
  optionValue,
  portMissing,
  portNumber,
  portTaken,
  removedOption,
  routerMode,
  secretVisible,
  unknownOption,
];

/** Every broken rule, of a default once for each instance. */
export function checkLlamaRules(subject: LlamaSubject): readonly Diagnostic[] {
  const short = { ...subject, instances: subject.examples };
  return llamaRules.flatMap(({ check, judgesShape }) =>
    judgesShape === true && check(short).length === 0 ? [] : check(subject),
  );
}
