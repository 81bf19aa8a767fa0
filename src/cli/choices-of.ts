import type { Choices } from '../core/plan/choices.ts';

export type ChoiceFlags = {
  readonly overwriteDrift?: readonly string[] | undefined;
  readonly keepDrift?: readonly string[] | undefined;
  readonly adopt?: readonly string[] | undefined;
  readonly reenable: boolean;
  readonly unmask: boolean;
};

export function choicesOf(flags: ChoiceFlags): Choices {
  const { overwriteDrift = [], keepDrift = [], adopt = [], reenable, unmask } = flags;
  return { overwriteDrift, keepDrift, adopt, reenable, unmask };
}
