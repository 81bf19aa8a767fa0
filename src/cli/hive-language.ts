import { locateText } from '../core/hive/text/locate-text.ts';
import { maskText } from '../core/hive/text/mask-text.ts';
import type { Language } from './show-diagnostics.ts';

/** How files of the registry are read for what is said of them. */
export const hiveLanguage: Language = { locate: locateText, mask: maskText };
