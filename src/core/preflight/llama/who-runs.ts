import type { LlamaFacts } from '../../facts/llama-facts.ts';

/** The account of the instances, in words. */
export function whoRuns({ account }: Pick<LlamaFacts, 'account'>): string {
  return account === undefined
    ? 'the account that systemd makes up'
    : `the account ${account.name}`;
}

/** What helps where that account may not do something; with one of its own the instances may do what it may. */
export function orAsAnother({ account }: Pick<LlamaFacts, 'account'>): string {
  return account === undefined ? ', or name an account that may: --user NAME' : '';
}
