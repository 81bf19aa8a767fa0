import { createHash } from 'node:crypto';
import { pageScript } from './page-script.ts';
import { pageStyles } from './page-styles.ts';

/** `Content-Security-Policy` of the page: its own texts run, by their hashes, and nothing else does. */
export function pagePolicy(): string {
  return policy([`script-src ${source(pageScript)}`, "connect-src 'self'"]);
}

/** That of the form that asks for a key: it runs no script at all. */
export function loginPolicy(): string {
  return policy([]);
}

function policy(more: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src ${source(pageStyles)}`,
    ...more,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function source(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
