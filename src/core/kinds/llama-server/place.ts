import { LIBEXEC_DIR, LLAMA_ETC_DIR, UNIT_DIR } from '../../resolve/layout.ts';

/** Where the files of instances lie, and what that means for their units. */
export type LlamaPlace = {
  readonly unitDir: string;
  /** Environment files. */
  readonly etcDir: string;
  readonly libexecDir: string;
  /** It is kept by installs, which can be cut off: nothing starts before they are recovered from. */
  readonly isRecovered: boolean;
  /** Nothing there can be executed, only read by an interpreter. */
  readonly isNoexec: boolean;
};

export const hostPlace: LlamaPlace = {
  unitDir: UNIT_DIR,
  etcDir: LLAMA_ETC_DIR,
  libexecDir: LIBEXEC_DIR,
  isRecovered: true,
  isNoexec: false,
};

/** What cloud-init writes at each boot of a guest. Initial RAM filesystems of Debian mount /run without exec. */
export const guestPlace: LlamaPlace = {
  unitDir: '/run/systemd/system',
  etcDir: '/run/vllmd/llama',
  libexecDir: '/run/vllmd/libexec',
  isRecovered: false,
  isNoexec: true,
};

/** The first words of a command line that runs one of vllmd's own scripts. */
export function scriptWords(
  { libexecDir, isNoexec }: LlamaPlace,
  name: 'llama-health' | 'llama-log',
): readonly string[] {
  const path = `${libexecDir}/${name}`;
  if (!isNoexec) return [path];
  return [name === 'llama-health' ? '/bin/bash' : '/bin/sh', path];
}
