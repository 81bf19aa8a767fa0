import type { Result } from '../result.ts';
import type { ConfigInput } from './config-input.gen.ts';
import { decodeConfig, readableText } from './decode.ts';
import { maskSensitive } from './mask-sensitive.ts';
import type { Mode } from './mode.ts';
import { parse } from './parse.ts';
import { validate } from './validate.ts';

export type LoadedConfig = {
  /** What the file says; when the config is refused, for excerpts, with what is sensitive masked. */
  readonly text: string;
  readonly result: Result<ConfigInput>;
};

/** The bytes of the config file of this name to a checked config. */
export function loadConfig(bytes: Uint8Array, mode: Mode = 'strict', file?: string): LoadedConfig {
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return { text: maskSensitive(readableText(bytes)), result: decoded };
  const text = decoded.value;
  const parsed = parse(text);
  const result = parsed.ok ? validate(parsed.value, mode, file) : parsed;
  return { text: result.ok ? text : maskSensitive(text), result };
}
