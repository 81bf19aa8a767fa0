/** Whether the boot of a container launches what is configured; that a config is named launches nothing by itself. */
export const ON_BOOT_VARIABLE = 'AUTO_INFER_LLAMA_CPP_ON_BOOT';

export type BootChoice = 'launch' | 'leave' | 'not-understood';

/** As the contract's launcher reads the variable. What it does not understand launches nothing. */
export function bootChoice(value: string | undefined): BootChoice {
  const word = (value ?? '').toLowerCase();
  if (word === '1' || word === 'true') return 'launch';
  return word === '' || word === '0' || word === 'false' ? 'leave' : 'not-understood';
}
