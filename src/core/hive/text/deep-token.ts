import type { CST } from 'yaml';

/** No file has half as many; what makes values of tokens would run out of stack. */
const MOST_LEVELS = 100;

type Step = { readonly token: CST.Token; readonly depth: number };

/** Where something stands that is deeper than anything may be. */
export function deepToken(tokens: readonly CST.Token[]): number | undefined {
  const open: Step[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { token, depth } = step;
    if (depth > MOST_LEVELS) return 'offset' in token ? token.offset : 0;
    for (const inner of within(token)) open.push({ token: inner, depth: depth + 1 });
  }
  return undefined;
}

function within(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter(isThere));
}

function isThere(token: CST.Token | null | undefined): token is CST.Token {
  return token !== null && token !== undefined;
}
