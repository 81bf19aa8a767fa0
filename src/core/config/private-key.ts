const BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** Where a private key in PEM or OpenSSH form begins. */
export function privateKeyAt(text: string): number | undefined {
  return BEGIN.exec(text)?.index;
}

export function hasPrivateKey(text: string): boolean {
  return privateKeyAt(text) !== undefined;
}
