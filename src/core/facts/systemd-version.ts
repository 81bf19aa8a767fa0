/** Of what `systemctl --version` prints: `systemd 252 (252.39-1~deb12u2)`, then what it was built with. */
export function parseSystemdVersion(text: string): number | undefined {
  const version = /^systemd (\d+)\b/.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}
