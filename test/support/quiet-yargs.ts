type Module = typeof import('yargs');
type Internal = { readonly getInternalMethods: () => { readonly getUsageInstance: () => object } };

/** The parser lays out its help at every command, though nobody asks for it, and takes half of the time for that. */
export async function quietYargs(original: () => Promise<Module>): Promise<Partial<Module>> {
  const { default: yargs } = await original();
  const withoutHelp: typeof yargs = Object.assign((...args: Parameters<typeof yargs>) => {
    const parser = yargs(...args);
    if ('getInternalMethods' in parser) quieten(parser as unknown as Internal);
    return parser;
  }, yargs);
  return { default: withoutHelp };
}

function quieten(parser: Internal): void {
  const usage = parser.getInternalMethods().getUsageInstance();
  Object.assign(usage, { cacheHelpMessage: () => undefined });
}
