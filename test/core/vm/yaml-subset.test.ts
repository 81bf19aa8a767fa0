import { expect, test } from 'vitest';
import { parseYaml } from '../../support/yaml-subset.ts';

test('reads mappings, sequences, scalars and texts', () => {
  const source = `
# comment
schemas:
  VmState:
    type: string # comment
    enum: [Created, "Running", 'Paused']
    none: []
  VsockConfig:
    required:
    - cid
    - socket
    minimum: 3
    deprecated: true
    $ref: "#/components/schemas/VmConfig"
    description:
      One line
      and another.
    text: |
      literal
      lines
  '204':
    - name: a
      in: path
    - plain: b
`;
  expect(parseYaml(source)).toEqual({
    schemas: {
      VmState: { type: 'string', enum: ['Created', 'Running', 'Paused'], none: [] },
      VsockConfig: {
        required: ['cid', 'socket'],
        minimum: 3,
        deprecated: true,
        $ref: '#/components/schemas/VmConfig',
        description: 'One line and another.',
        text: 'literal lines',
      },
      '204': [{ name: 'a', in: 'path' }, { plain: 'b' }],
    },
  });
});

test.for(['a: 1\nb', ' a: 1\nb: 2', '- a\nb: 1'])('refuses %j', (source) => {
  expect(() => parseYaml(source)).toThrow(/^line \d: /);
});
