const made = Symbol('markup');

/** Text that goes into a page as it is. Only the template below makes it, so that no document from outside can. */
export type Markup = { readonly [made]: string };

export type Shown = string | number | Markup | readonly Markup[] | undefined;

/** A template of HTML in which each value is escaped, but for what this template has made. */
export function html(parts: TemplateStringsArray, ...values: readonly Shown[]): Markup {
  return { [made]: parts.map((part, at) => part + shown(values[at])).join('') };
}

/** What is trusted: texts of the program itself, such as its styles. */
export function ownText(text: string): Markup {
  return { [made]: text };
}

/** The text that goes on the wire. */
export function textOf(markup: Markup): string {
  return markup[made];
}

function shown(value: Shown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (made in value) return value[made];
  return value.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
}
