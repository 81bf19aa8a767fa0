import { isJsonObject, type JsonObject, ownValue } from '../../fleet/json-value.ts';

/** What a server says of one of its models; undefined is unknown. */
export type ListedModel = {
  /** All its names. */
  readonly names: readonly string[];
  /** Of a server that loads models when they are asked for. */
  readonly isLoaded: boolean | undefined;
  /** Tokens of one request. */
  readonly context: number | undefined;
};

/** The models in an answer of `/v1/models`; what is not understood is left out. */
export function listedModels(text: string): readonly ListedModel[] {
  const body = parsed(text);
  const data = isJsonObject(body) ? ownValue(body, 'data') : undefined;
  if (!Array.isArray(data)) return [];
  return data.flatMap((entry: unknown) => (isJsonObject(entry) ? [modelOf(entry)] : []));
}

function modelOf(entry: JsonObject): ListedModel {
  const aliases = ownValue(entry, 'aliases');
  const names: readonly unknown[] = [
    ownValue(entry, 'id'),
    ...(Array.isArray(aliases) ? aliases : []),
  ];
  const status = inner(entry, 'status', 'value');
  return {
    names: names.filter((name) => typeof name === 'string'),
    isLoaded: typeof status === 'string' ? status === 'loaded' : undefined,
    // vLLM and SGLang have the first one, llama.cpp the other: of one slot.
    context: countOf(ownValue(entry, 'max_model_len')) ?? countOf(inner(entry, 'meta', 'n_ctx')),
  };
}

function inner(object: JsonObject, key: string, name: string): unknown {
  const part = ownValue(object, key);
  return isJsonObject(part) ? ownValue(part, name) : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
