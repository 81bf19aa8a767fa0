/** What a GGUF file holds beside its tensors. */
type Value =
  | { readonly type: 'u16' | 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'i32s' | 'f32s'; readonly value: readonly number[] };

type Tensor = {
  readonly name: string;
  /** The length of a row first. */
  readonly dimensions: readonly number[];
  readonly values: Float32Array;
};

type Keys = readonly (readonly [string, Value])[];

const embedding = 64;
const feedForward = 128;
const blocks = 2;
const heads = 4;
const contextTokens = 2048;
const alignment = 32;
const typeNumbers = { u16: 2, u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;
const F32 = 0;

/**
 * A llama of 122,176 random parameters that llama-server loads in milliseconds: 497,408 bytes, the same for the same seed.
 * Its vocabulary has a token for each byte, so it takes any text; what it answers is noise.
 */
export function tinyModel(seed = 1): Uint8Array {
  return gguf(modelKeys(), modelTensors(seed));
}

/** An adapter for one matrix of the tiny model. */
export function toyLora(seed = 1): Uint8Array {
  const random = gaussian(seed);
  const keys: Keys = [
    ['general.architecture', text('llama')],
    ['general.type', text('adapter')],
    ['adapter.type', text('lora')],
    ['adapter.lora.alpha', { type: 'f32', value: 1 }],
  ];
  return gguf(keys, [
    noise('blk.0.attn_q.weight.lora_a', [embedding, 2], random),
    noise('blk.0.attn_q.weight.lora_b', [2, embedding], random),
  ]);
}

export type Shard = { readonly name: string; readonly bytes: Uint8Array };

/** The tiny model in so many files: `NAME-00001-of-00003.gguf` and so on. */
export function shardedModel(name: string, count: number, seed = 1): readonly Shard[] {
  const tensors = modelTensors(seed);
  return Array.from({ length: count }, (_, index) => {
    const split: Keys = [
      ['split.no', { type: 'u16', value: index }],
      ['split.count', { type: 'u16', value: count }],
      ['split.tensors.count', { type: 'i32', value: tensors.length }],
    ];
    const from = Math.floor((tensors.length * index) / count);
    const to = Math.floor((tensors.length * (index + 1)) / count);
    const keys = index === 0 ? [...modelKeys(), ...split] : split;
    return {
      name: `${name}-${digits(index + 1)}-of-${digits(count)}.gguf`,
      bytes: gguf(keys, tensors.slice(from, to)),
    };
  });
}

/** Files that are no model, by what is wrong with them. */
export function brokenModels(): Readonly<Record<string, Uint8Array>> {
  const whole = tinyModel();
  const magic = Uint8Array.from(whole);
  magic.set(Buffer.from('LUGG'));
  return {
    empty: new Uint8Array(),
    'wrong magic': magic,
    'cut off in its keys': whole.slice(0, 1000),
    'cut off in its tensors': whole.slice(0, whole.length / 2),
  };
}

function digits(number: number): string {
  return String(number).padStart(5, '0');
}

function modelKeys(): Keys {
  const tokens = vocabulary();
  return [
    ['general.architecture', text('llama')],
    ['general.name', text('tiny')],
    ['llama.block_count', whole(blocks)],
    ['llama.context_length', whole(contextTokens)],
    ['llama.embedding_length', whole(embedding)],
    ['llama.feed_forward_length', whole(feedForward)],
    ['llama.attention.head_count', whole(heads)],
    ['llama.attention.head_count_kv', whole(heads)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'f32', value: 1e-5 }],
    ['llama.rope.dimension_count', whole(embedding / heads)],
    ['llama.vocab_size', whole(tokens.length)],
    ['tokenizer.ggml.model', text('llama')],
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens.map((token) => token.text) }],
    ['tokenizer.ggml.scores', { type: 'f32s', value: tokens.map((_, id) => -id) }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: tokens.map((token) => token.type) }],
    ['tokenizer.ggml.bos_token_id', whole(1)],
    ['tokenizer.ggml.eos_token_id', whole(2)],
    ['tokenizer.ggml.unknown_token_id', whole(0)],
  ];
}

const tokenTypes = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/** Without a token for each byte the model loads, and the first chat request fails on the characters of its template. */
function vocabulary(): readonly { readonly text: string; readonly type: number }[] {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  const normal = ['▁', ...letters, ...letters.map((letter) => `▁${letter}`)];
  return [
    { text: '<unk>', type: tokenTypes.unknown },
    { text: '<s>', type: tokenTypes.control },
    { text: '</s>', type: tokenTypes.control },
    ...Array.from({ length: 256 }, (_, byte) => ({
      text: `<0x${byte.toString(16).padStart(2, '0').toUpperCase()}>`,
      type: tokenTypes.byte,
    })),
    ...normal.map((token) => ({ text: token, type: tokenTypes.normal })),
  ];
}

function modelTensors(seed: number): readonly Tensor[] {
  const random = gaussian(seed);
  const tokens = vocabulary().length;
  const square = [embedding, embedding];
  const wide = [embedding, feedForward];
  const ones = (name: string) => ({
    name,
    dimensions: [embedding],
    values: new Float32Array(embedding).fill(1),
  });
  const block = (index: number) => {
    const of = (name: string, dimensions: readonly number[]) =>
      noise(`blk.${index}.${name}.weight`, dimensions, random);
    return [
      ones(`blk.${index}.attn_norm.weight`),
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => of(name, square)),
      ones(`blk.${index}.ffn_norm.weight`),
      of('ffn_gate', wide),
      of('ffn_up', wide),
      of('ffn_down', [feedForward, embedding]),
    ];
  };
  return [
    noise('token_embd.weight', [embedding, tokens], random),
    ones('output_norm.weight'),
    noise('output.weight', [embedding, tokens], random),
    ...Array.from({ length: blocks }, (_, index) => block(index)).flat(),
  ];
}

function noise(name: string, dimensions: readonly number[], random: () => number): Tensor {
  const count = dimensions.reduce((product, length) => product * length, 1);
  return { name, dimensions, values: Float32Array.from({ length: count }, () => 0.05 * random()) };
}

/** Of mean 0 and standard deviation 1, the same sequence for the same seed (Box and Muller over mulberry32). */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function text(value: string): Value {
  return { type: 'string', value };
}

function whole(value: number): Value {
  return { type: 'u32', value };
}

/** Version 3: keys, then what each tensor is, then their values, each at a multiple of 32 bytes. */
function gguf(keys: Keys, tensors: readonly Tensor[]): Uint8Array {
  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, dimensions, values } of tensors) {
    const bytes = numbers('f32', [...values]);
    infos.push(string(name), number('u32', dimensions.length), ...dimensions.map(u64));
    infos.push(number('u32', F32), u64(offset));
    data.push(bytes, padding(bytes.length));
    offset += bytes.length + padding(bytes.length).length;
  }
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    number('u32', 3),
    u64(tensors.length),
    u64(keys.length),
    ...keys.flatMap(([key, value]) => [string(key), encoded(value)]),
    ...infos,
  ]);
  return Buffer.concat([head, padding(head.length), ...data]);
}

function encoded(value: Value): Buffer {
  switch (value.type) {
    case 'string':
      return Buffer.concat([number('u32', typeNumbers.string), string(value.value)]);
    case 'strings':
      return array('string', value.value.length, Buffer.concat(value.value.map(string)));
    case 'i32s':
      return array('i32', value.value.length, numbers('i32', value.value));
    case 'f32s':
      return array('f32', value.value.length, numbers('f32', value.value));
    case 'u16':
    case 'u32':
    case 'i32':
    case 'f32':
      return Buffer.concat([
        number('u32', typeNumbers[value.type]),
        number(value.type, value.value),
      ]);
  }
}

function array(of: 'string' | Numeric, count: number, elements: Buffer): Buffer {
  const head = [number('u32', typeNumbers.array), number('u32', typeNumbers[of]), u64(count)];
  return Buffer.concat([...head, elements]);
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

type Numeric = 'u16' | 'u32' | 'i32' | 'f32';

function number(type: Numeric, value: number): Buffer {
  return numbers(type, [value]);
}

const writers = {
  u16: {
    width: 2,
    write: (bytes: Buffer, value: number, at: number) => bytes.writeUInt16LE(value, at),
  },
  u32: {
    width: 4,
    write: (bytes: Buffer, value: number, at: number) => bytes.writeUInt32LE(value, at),
  },
  i32: {
    width: 4,
    write: (bytes: Buffer, value: number, at: number) => bytes.writeInt32LE(value, at),
  },
  f32: {
    width: 4,
    write: (bytes: Buffer, value: number, at: number) => bytes.writeFloatLE(value, at),
  },
} as const;

function numbers(type: Numeric, values: readonly number[]): Buffer {
  const { width, write } = writers[type];
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, index) => {
    write(bytes, value, width * index);
  });
  return bytes;
}

function padding(length: number): Buffer {
  return Buffer.alloc((alignment - (length % alignment)) % alignment);
}
