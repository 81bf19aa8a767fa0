import { keyName } from '../../config/show-value.ts';
import { visible } from '../../control-characters.ts';
import { type Diagnostic, errorAt } from '../../diagnostic.ts';

/** A problem whose message begins with its key. */
export function wrong(rule: string, at: string, text: string, help?: string): Diagnostic {
  return errorAt(rule, at, `${keyName(at)}: ${text}`, help);
}

/** The same as a hint. */
export function doubtful(rule: string, at: string, text: string, help?: string): Diagnostic {
  return { ...wrong(rule, at, text, help), severity: 'warning' };
}

/** How messages call an instance. */
export function named({ name }: { readonly name: string }): string {
  return `instance "${visible(name)}"`;
}
