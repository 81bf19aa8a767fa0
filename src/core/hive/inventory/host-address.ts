/** Whether a name or an IP address can stand in a URL as the host. */
export function isHostAddress(text: string): boolean {
  if (text === '' || /[\s/\\?#@[\]%]/.test(text)) return false;
  return URL.canParse(text.includes(':') ? `http://[${text}]` : `http://${text}`);
}
