/** Options of llama-server whose value is a secret, with the environment variable that it reads it from as well. */
export const secretOptions: ReadonlyMap<string, string> = new Map([
  ['api-key', 'LLAMA_API_KEY'],
  ['hf-token', 'HF_TOKEN'],
]);

/** Their short names, as words of `extra_args`. */
export const shortSecretFlags: readonly string[] = ['-hft'];

/** A slip in the name of a key hides its secret as well: `API_KEY`, `apikey`, `--api-key`. */
export function withoutSpelling(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

const meant: ReadonlySet<string> = new Set([...secretOptions.keys()].map(withoutSpelling));

/** Whether somebody means one of these options by a flag. */
export function isMeantAsSecret(flag: string): boolean {
  return meant.has(withoutSpelling(flag));
}
