import type { HostReader } from './host.ts';

/** The text of a regular file; '' when there is none or it may not be read. */
export async function readText(host: HostReader, path: string): Promise<string> {
  const entry = await host.read(path);
  return entry.type === 'file' ? entry.text : '';
}
