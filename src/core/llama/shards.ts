const SHARD = /^(.*-)(\d{5})-of-(\d{5})\.gguf$/s;

/** Far more than any model has; a number beyond it is no count of files. */
const MOST = 1000;

/** Which shard a file name says it is, counted from 1; undefined of a model in one file. */
export function shardOf(
  path: string,
): { readonly number: number; readonly of: number } | undefined {
  const [, , number, count] = SHARD.exec(path) ?? [];
  return number === undefined ? undefined : { number: Number(number), of: Number(count) };
}

/** The name of the first shard of the model that a shard belongs to. */
export function firstShard(path: string): string {
  return path.replace(SHARD, '$100001-of-$3.gguf');
}

/** Every file of a model, by the name of its first one. */
export function shardsOf(path: string): readonly string[] {
  const [, stem = '', , count = ''] = SHARD.exec(path) ?? [];
  if (count === '' || Number(count) > MOST) return [path];
  return Array.from(
    { length: Number(count) },
    (_, at) => `${stem}${String(at + 1).padStart(5, '0')}-of-${count}.gguf`,
  );
}

/** The name of a model: that of its file without the ending, and without the number of a shard. */
export function modelStem(fileName: string): string {
  return fileName.replace(/(?:-\d{5}-of-\d{5})?\.gguf$/, '');
}
