// docs/llama-reference.md, from the schema of the llama.cpp file.

/** What a value may be, in words. */
function allowed({ type, enum: values, minimum, maximum, pattern, items }) {
  if (values !== undefined) return values.map((value) => `\`"${value}"\``).join(', ');
  // Of an option that has a value, `false` is told below the table.
  const types = [type].flat().filter((one, _, all) => one !== 'boolean' || all.length === 1);
  const words = /^\^\((.*)\)\$$/.exec(pattern ?? '')?.[1]?.split('|') ?? [];
  const parts = types.map((one) => {
    if (one === 'array') return `list of ${[items.type].flat().join('s or ')}s`;
    if (one === 'integer') return integer(minimum, maximum);
    return one === 'string' && words.length > 0
      ? words.map((word) => `\`"${word}"\``).join(' or ')
      : one;
  });
  return parts.join(' or ');
}

function integer(minimum, maximum) {
  if (maximum !== undefined) return `integer from ${minimum} to ${maximum}`;
  return `integer from ${minimum} on`;
}

function table(title, { description, properties }) {
  const rows = Object.entries(properties).map(([key, property]) => {
    const value = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    return `| \`${key}\` | ${allowed(property)} | ${value} | ${property.description} |`;
  });
  return `## ${title}

${description}.

| Key | Allowed | Default | Meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

export function llamaReference({ description, definitions: { master, control, server } }) {
  return `# The llama.cpp file: keys

Generated from \`schemas/llama-cpp-config-toml.schema.json\` by \`npm run gen\`.
${description} How it is used: [llama.md](llama.md).

${table('[master]', master)}
${table('[instance.control], [instance.NAME.control]', control)}
What an instance says itself takes the place of what \`[instance.control]\` says.

${table('[instance.server], [instance.NAME.server]', server)}
Any other option of llama-server can be a key too. A list of an instance is added to the list of \`[instance.server]\`;
any other value takes its place, and \`false\` leaves the option out.
`;
}
