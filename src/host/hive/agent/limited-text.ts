/** The text of an answer that is not larger than it should be; undefined, and not read any further, where it is. */
export async function limitedText(
  response: Response,
  mostBytes: number,
): Promise<string | undefined> {
  const { body } = response;
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // To leave the loop ends the connection.
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
