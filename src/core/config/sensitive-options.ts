/** Options of llama-server whose value is a secret, with the environment variable that it reads it from as well. */
export const secretOptions: ReadonlyMap<string, string> = new Map([
  ['api-key', 'LLAMA_API_KEY'],
  ['hf-token', 'HF_TOKEN'],
]);

/** Their short names, as words of `extra_args`. */
export const shortSecretFlags: readonly string[] = ['-hft'];
