/** A variable in braces, where it stands in a command. */
export type Placeholder = { readonly name: string; readonly index: number };

/** What container tools fill in, what the shell does, and a placeholder, the only one of them with a name. */
const BRACES = /\$?\{\{(?:(?!\{\{)[\s\S])*?\}\}|\$\{|\{([a-z_][a-z0-9_]*)\}/g;

/** Every placeholder of a command in its order. `${name}` and `{{…}}` are none, nor is what has blanks or capitals in it. */
export function placeholders(command: string): readonly Placeholder[] {
  return [...command.matchAll(BRACES)].flatMap(({ 1: name, index }) =>
    name === undefined ? [] : [{ name, index }],
  );
}
