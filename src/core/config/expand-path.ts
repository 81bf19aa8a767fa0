export const pathVariables = ['HOME', 'USER', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'] as const;

export type PathVariables = {
  readonly home: string;
  readonly user: string;
  readonly xdgConfigHome: string;
  readonly xdgStateHome: string;
};

/** `$NAME`, `${NAME}` and a leading `~`; once, so that a value is never expanded again. */
export function expandPath(text: string, vars: PathVariables): string {
  const values = new Map([
    ['HOME', vars.home],
    ['USER', vars.user],
    ['XDG_CONFIG_HOME', vars.xdgConfigHome],
    ['XDG_STATE_HOME', vars.xdgStateHome],
  ]);
  const isHome = text === '~' || text.startsWith('~/');
  const rest = isHome ? text.slice(1) : text;
  const expanded = rest.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (written: string, braced: string | undefined, bare: string | undefined) =>
      values.get(braced ?? bare ?? '') ?? written,
  );
  return isHome ? vars.home + expanded : expanded;
}
