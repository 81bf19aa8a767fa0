import fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentTexts } from '../../../../src/core/hive/text/document-texts.ts';
import { parseText } from '../../../../src/core/hive/text/parse-text.ts';
import { writeDocuments } from '../../../../src/core/hive/text/write-documents.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '---',
    '--- a',
    'a\n---\nb',
    '# a',
    '0000:01:00.0',
    'yes',
    '1',
    '\u202ea',
    '\u{e0001}',
  ),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    tie('map'),
  ),
  map: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { minKeys: 1, maxKeys: 3 }),
})).map;

test('documents that are written are read as they were', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (documents) => {
      const written = writeDocuments(documents as never);
      const read = documentTexts(written).map((one) => {
        const parsed = parseText(one);
        return parsed.ok ? parsed.value.value : parsed.diagnostics;
      });
      expect(read).toEqual(documents);
    }),
  );
});

test('what a reader of YAML 1.1 takes for something else stands in quotes', () => {
  expect(writeDocuments([{ gpu_id: '0000:01:00.0', is: 'yes' }])).toBe(
    '---\ngpu_id: "0000:01:00.0"\nis: "yes"\n',
  );
});

test('nothing is hidden in a document', () => {
  const written = writeDocuments([{ name: 'a\u202eb' }]);
  expect(written).toBe('---\nname: "a\\U0000202eb"\n');
});
