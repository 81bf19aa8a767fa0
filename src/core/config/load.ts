import type { Result } from '../result.ts';
import type { ConfigInput } from './config-input.gen.ts';
import { decodeConfig, readableText } from './decode.ts';
import { parse } from './parse.ts';
import { validate } from './validate.ts';

export type LoadedConfig = {
  /** What the file says, for excerpts; there is some also when the config is refused. */
  readonly text: string;
  readonly result: Result<ConfigInput>;
};

/** The bytes of a config file to a checked config. */
export function loadConfig(bytes: Uint8Array): LoadedConfig {
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return { text: readableText(bytes), result: decoded };
  const text = decoded.value;
  const parsed = parse(text);
  return { text, result: parsed.ok ? validate(parsed.value) : parsed };
}
