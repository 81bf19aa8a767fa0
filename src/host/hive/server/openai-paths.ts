import type { Kind } from '../../../core/hive/documents.ts';

/** What clients of services call, here and there. */
export const openaiPaths: Readonly<Record<Kind, string>> = {
  chat: '/v1/chat/completions',
  embeddings: '/v1/embeddings',
  transcription: '/v1/audio/transcriptions',
};

export function kindOfPath(url: string): Kind | undefined {
  const [path] = url.split('?', 1);
  const entries = Object.entries(openaiPaths) as readonly (readonly [Kind, string])[];
  return entries.find(([, own]) => own === path)?.[0];
}
