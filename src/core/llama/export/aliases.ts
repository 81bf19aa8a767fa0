import type { CheckedInstance } from '../rules/rule.ts';

/** Other names of the models. A process of its own may share one with another; models behind one port may not. */
export type Aliases = {
  /** By instance. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** Names that another model has already. */
  readonly dropped: readonly string[];
};

/** `isUsable`: whether the other form can hold a name. */
export function aliasesOf(
  instances: readonly CheckedInstance[],
  isUsable: (name: string) => boolean,
): Aliases {
  const taken = new Map(instances.map(({ name }) => [name, name]));
  const dropped = new Set<string>();
  const kept = instances.map(({ name, uses }) => {
    const own = uses
      .filter(({ option }) => option?.names.includes('--alias') === true)
      .flatMap(({ value = '' }) => value.split(','))
      .map((alias) => alias.trim())
      .filter((alias) => alias !== '' && alias !== name);
    const usable = [...new Set(own)].filter((alias) => {
      const isFree = isUsable(alias) && !taken.has(alias);
      if (isFree) taken.set(alias, name);
      else dropped.add(alias);
      return isFree;
    });
    return [name, usable] as const;
  });
  return { kept: new Map(kept), dropped: [...dropped] };
}
