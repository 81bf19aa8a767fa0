import { Document, isScalar, visit } from 'yaml';
import type { JsonMap } from '../documents.ts';

/** Documents as a stream of YAML: one file, behind which that of another host may be put. */
export function writeDocuments(documents: readonly JsonMap[]): string {
  return documents.map((document) => `---\n${textOf(document)}`).join('');
}

/** A character that is not seen, or that YAML does not allow as it is. */
const HIDDEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

function textOf(value: JsonMap): string {
  // A PCI address without quotes is a number in YAML 1.1, which others still read.
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, (_, node) => {
    // Only in double quotes it can be written otherwise.
    if (isScalar(node) && String(node.value).search(HIDDEN) >= 0) node.type = 'QUOTE_DOUBLE';
  });
  return document.toString({ lineWidth: 0 }).replace(HIDDEN, (character) => {
    return `\\U${Number(character.codePointAt(0)).toString(16).padStart(8, '0')}`;
  });
}
