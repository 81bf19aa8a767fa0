const encoder = new TextEncoder();

/** Of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Whether a text in UTF-8 has more bytes than that; most texts are so short that nothing has to be counted. */
export function hasMoreBytes(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && byteLength(text) > bytes;
}
