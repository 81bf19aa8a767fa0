import type { ModelSource, ServedModel } from './instance.ts';
import type { CheckedInstance } from './rules/rule.ts';
import { lastUse, type OptionUse } from './uses.ts';

/** What clients get from an instance, as far as its options say. */
export function servedModel(instance: CheckedInstance): ServedModel {
  const has = (name: string) => lastUse(instance, name) !== undefined;
  return {
    work: workOf(instance),
    isRouter: has('--models-dir') || has('--models-preset'),
    aliases: aliasesIn(instance.uses),
    source: sourceOf(instance),
    contextSize: contextSizeOf(instance),
    needsKey: has('--api-key') || has('--api-key-file'),
  };
}

function workOf(instance: CheckedInstance): ServedModel['work'] {
  const isRanking = lastUse(instance, '--pooling')?.value === 'rank';
  if (isRanking || lastUse(instance, '--rerank') !== undefined) return 'rerank';
  const isEmbedding =
    lastUse(instance, '--embedding') !== undefined ||
    instance.uses.some(({ flag }) => /^--embd-.*-default$/.test(flag));
  return isEmbedding ? 'embeddings' : 'chat';
}

/** Every value counts, as llama-server reads them; the first one is the name that it gives itself. */
function aliasesIn(uses: readonly OptionUse[]): readonly string[] {
  const names = uses
    .filter(({ option }) => option?.names.includes('--alias') === true)
    .flatMap(({ value = '' }) => value.split(','))
    .map((alias) => alias.trim())
    .filter((alias) => alias !== '');
  return [...new Set(names)];
}

/** In the order in which llama-server looks for them: to what is downloaded, `--model` is only the place. */
function sourceOf(instance: CheckedInstance): ModelSource | undefined {
  const value = (name: string) => lastUse(instance, name)?.value ?? '';
  const sources = [
    { kind: 'oci', value: value('--docker-repo') },
    { kind: 'hf', value: value('--hf-repo') },
    { kind: 'url', value: withoutSecrets(value('--model-url')) },
    { kind: 'path', value: value('--model') },
  ] as const;
  return sources.find((source) => source.value !== '');
}

/** A password or a signature in a URL is not a part of what it names. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}

/**
 * Tokens of one request, where the file says it. Slots share the context, each with all of it where their number is not
 * given or their cache is one; else each has its part. What the model was trained with may be less.
 */
function contextSizeOf(instance: CheckedInstance): number | undefined {
  const count = (name: string) => positive(lastUse(instance, name)?.value);
  const total = count('--ctx-size');
  const ofSlot = count('--kv-unified-per-slot');
  const slots = count('--parallel');
  if (total === undefined) return ofSlot;
  const isShared = /^--?kv/.test(lastUse(instance, '--kv-unified')?.flag ?? '');
  const part = slots === undefined || isShared ? total : Math.floor(total / slots);
  return Math.min(part, ofSlot ?? part);
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text ?? '');
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
