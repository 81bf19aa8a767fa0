import { quoted } from '../../config/show-value.ts';
import { flaw, type Part, part, partRules, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type {
  ConsoleConfig,
  DebugConsoleConfig,
  SerialConfig,
  VmConfig,
} from '../vm-config.gen.ts';

const serial = partRules((vm) => part('/serial', vm.serial));
const virtio = partRules((vm) => part('/console', vm.console));
const debug = partRules((vm) => part('/debug_console', vm.debug_console));
const serialOrVirtio = partRules((vm): readonly Part<SerialConfig | ConsoleConfig>[] => [
  ...part<SerialConfig>('/serial', vm.serial),
  ...part<ConsoleConfig>('/console', vm.console),
]);

const TO_JOURNAL = 'in a unit use serial.mode "Tty" and console.mode "Off": the journal gets it';

/** Serial port, virtio console and debug port. */
export const consoleRules: readonly VmRule[] = [
  virtio('C-CON-1', fileMissing),
  serial('C-CON-2', fileMissing),
  serialOrVirtio(
    'C-CON-3',
    ({ mode, socket }) =>
      mode === 'Socket' &&
      socket === undefined &&
      flaw('socket', 'missing, and mode "Socket" needs it', `give a socket, or: ${TO_JOURNAL}`),
  ),
  debug('C-CON-4', fileMissing),
  debug('C-CON-5', ({ iobase }) => {
    if (iobase === undefined || isPort(iobase)) return [];
    return flaw('iobase', `${iobase} is no I/O port from 0 to 65535`, 'the usual port is 233');
  }),
  virtio('R-CON-1', noSocket),
  debug('R-CON-2', noSocket),
  vmRule(
    'R-CON-3',
    (vm) => {
      const users = ttyUsers(vm);
      return (
        users.length > 1 &&
        flaw(
          users.at(-1) ?? '',
          `${users.join(' and ')} both write to the terminal, so their output mixes`,
          'set console.mode to "Off"; it is "Tty" unless given',
        )
      );
    },
    'warning',
  ),
  serial('R-CON-4', ({ mode, socket }, _vm, { probe }) => {
    if (mode !== 'Socket' || socket === undefined) return [];
    return (
      probe.existingSockets?.has(socket) &&
      flaw('socket', `${quoted(socket)} is left over from an earlier run`, 'remove that file')
    );
  }),
];

function fileMissing({ mode, file }: SerialConfig | ConsoleConfig | DebugConsoleConfig) {
  return (
    mode === 'File' &&
    file === undefined &&
    flaw('file', 'missing, and mode "File" needs it', `give a file, or: ${TO_JOURNAL}`)
  );
}

function noSocket({ mode }: ConsoleConfig | DebugConsoleConfig) {
  return (
    mode === 'Socket' &&
    flaw('mode', '"Socket" works with the serial port only', 'use serial.mode "Socket" instead')
  );
}

function isPort(iobase: number): boolean {
  return Number.isInteger(iobase) && iobase >= 0 && iobase <= 0xff_ff;
}

function ttyUsers(vm: VmConfig): readonly string[] {
  return [
    ...(vm.serial?.mode === 'Tty' ? ['serial'] : []),
    ...((vm.console?.mode ?? 'Tty') === 'Tty' ? ['console'] : []),
    ...(vm.debug_console?.mode === 'Tty' ? ['debug_console'] : []),
  ];
}
