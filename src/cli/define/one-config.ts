import { VllmdError } from '../../core/failure.ts';

type ConfigArgs = { readonly file?: string | undefined; readonly config?: string | undefined };

/** Named with --config or as an operand. */
export function oneConfig({ file, config }: ConfigArgs): string | undefined {
  if (file === undefined) return config;
  if (config === undefined) return file;
  throw new VllmdError('usage', `${file}: a config is named with --config already`, 'name one');
}
