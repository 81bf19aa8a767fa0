import type { Operation } from '../transaction/journal.ts';

const sentences: Readonly<Record<string, string>> = {
  'runtime-added': 'it is new in the config',
  'first-install': 'nothing has started it yet',
  'removed-from-config': 'it is no longer in the config',
  'unit-files-changed': 'systemd reads the changed unit files',
  'enable-at-boot': 'it starts at boot',
  'account-changed': 'its GPUs go to another account',
  'pages-change': 'its memory is made of other pages from now on',
  'network-removed': 'the bridge that it is connected to goes',
  'device-needed': 'a runtime needs this GPU',
  'device-released': 'no runtime uses this GPU any more',
  'failed-before': 'it had failed',
  'last-start-failed': 'its last start failed',
  'not-started-yet': 'vllmd has not started it yet',
  unmasked: 'it was masked, and --unmask lifts that',
  reenabled: 'it was disabled, and --reenable asks for it',
  adopted: '--adopt lets it take the place of what is there',
  'drift-overwritten': '--overwrite-drift puts it back',
  'retry-failed': 'it had failed, and --retry-failed asks for another try',
};

/** Where no config decides what a host has. */
const sentencesOf: Readonly<Record<Operation, Readonly<Record<string, string>>>> = {
  install: {},
  uninstall: { 'removed-from-config': 'uninstall removes it' },
  rollback: {
    'removed-from-config': 'it is not in that generation',
    'runtime-added': 'it is in that generation',
  },
};

/** A reason code of a plan as an operator would say it. */
export function describeReason(reason: string, operation: Operation = 'install'): string {
  const [code = '', detail = ''] = reason.split(/: (.*)/s);
  switch (code) {
    case 'env-changed':
      return `${detail} changed in its environment file`;
    case 'file-changed':
      return `${detail} changed`;
    case 'llama-changed':
      return `${detail} changed in what its guest runs by a llama.cpp config`;
    case 'drop-in-changed':
      return `the drop-in ${detail} is another one than it was started with`;
    case 'changed-since-start':
      return 'its definition has changed since it was started';
    case 'device-moved-to':
      return `it gives a GPU to runtime ${detail}`;
    case 'device-handed-over':
      return `runtime ${detail} gives it up; it is checked before it is used again`;
    case 'device-removed':
      return `it gives up GPU ${detail}`;
    default:
      return sentencesOf[operation][reason] ?? sentences[reason] ?? reason;
  }
}
