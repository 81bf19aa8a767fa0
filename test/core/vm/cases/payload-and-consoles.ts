import type { FileProbe } from '../../../../src/core/vm/probe.ts';
import type { RuleCase } from './rule-case.ts';

const FIRMWARE = '/usr/share/cloud-hypervisor/CLOUDHV.fd';
const KERNEL = { 'payload.firmware': undefined, 'payload.kernel': '/boot/vmlinux' };
const OFFERS_NOTHING = { kernel: false, cmdline: false, initramfs: false };
const SPECIAL = ['G-13'];

function firmware(file: Partial<FileProbe>) {
  const found = { isThere: true, isReadable: true, isWritable: false, ...file };
  return { files: new Map([[FIRMWARE, found]]) };
}

export const payloadAndConsoleCases: readonly RuleCase[] = [
  {
    id: 'C-PAY-1',
    says: 'something must boot',
    at: '/payload',
    breaks: { vm: { payload: undefined } },
    allows: { vm: KERNEL },
  },
  {
    id: 'C-PAY-1',
    says: 'a command line boots nothing, an IGVM image does',
    at: '/payload',
    breaks: { vm: { payload: { cmdline: 'quiet' } } },
    allows: { vm: { payload: { igvm: '/boot/guest.igvm' } }, also: SPECIAL },
  },
  {
    id: 'C-PAY-2',
    says: 'firmware and kernel exclude each other',
    at: '/payload/kernel',
    breaks: { vm: { 'payload.kernel': '/boot/vmlinux' } },
    allows: { vm: KERNEL },
  },
  {
    id: 'C-PAY-3',
    says: 'an IGVM image stands alone',
    at: '/payload/igvm',
    breaks: { vm: { 'payload.igvm': '/boot/guest.igvm' }, also: SPECIAL },
    allows: { vm: { payload: { igvm: '/boot/guest.igvm' } }, also: SPECIAL },
  },
  {
    id: 'C-PAY-4',
    says: 'fw_cfg offers a kernel only if there is one, and does so unless told otherwise',
    at: '/payload/fw_cfg_config/kernel',
    breaks: {
      vm: { 'payload.fw_cfg_config': { cmdline: false, initramfs: false } },
      also: SPECIAL,
    },
    allows: {
      vm: { ...KERNEL, 'payload.fw_cfg_config': { cmdline: false, initramfs: false } },
      also: SPECIAL,
    },
  },
  {
    id: 'C-PAY-5',
    says: 'fw_cfg offers a command line only if there is one',
    at: '/payload/fw_cfg_config/cmdline',
    breaks: {
      vm: { 'payload.fw_cfg_config': { ...OFFERS_NOTHING, cmdline: true } },
      also: SPECIAL,
    },
    allows: { vm: { 'payload.fw_cfg_config': OFFERS_NOTHING }, also: SPECIAL },
  },
  {
    id: 'C-PAY-6',
    says: 'fw_cfg offers an initramfs only if there is one',
    at: '/payload/fw_cfg_config/initramfs',
    breaks: {
      vm: { 'payload.fw_cfg_config': { kernel: false, cmdline: false } },
      also: SPECIAL,
    },
    allows: { vm: { 'payload.fw_cfg_config': OFFERS_NOTHING }, also: SPECIAL },
  },
  {
    id: 'C-PAY-7',
    says: 'an fw_cfg item has a file or a string, not both and not neither',
    at: ['/payload/fw_cfg_config/items/item_list/0', '/payload/fw_cfg_config/items/item_list/1'],
    breaks: {
      vm: {
        'payload.fw_cfg_config': {
          ...OFFERS_NOTHING,
          items: { item_list: [{ name: 'a' }, { name: 'b', file: '/b', string: 'b' }] },
        },
      },
      also: SPECIAL,
    },
    allows: {
      vm: {
        'payload.fw_cfg_config': {
          ...OFFERS_NOTHING,
          items: { item_list: [{ name: 'a', string: '' }] },
        },
      },
      also: SPECIAL,
    },
  },
  {
    id: 'R-PAY-1',
    says: 'a firmware drops the command line and the initramfs',
    at: ['/payload/cmdline', '/payload/initramfs'],
    breaks: { vm: { 'payload.cmdline': 'quiet', 'payload.initramfs': '/boot/initrd' } },
    allows: {
      vm: { ...KERNEL, 'payload.cmdline': 'quiet', 'payload.initramfs': '/boot/initrd' },
    },
    severity: 'warning',
  },
  {
    id: 'R-PAY-2',
    says: 'the firmware can be read',
    at: '/payload/firmware',
    breaks: { probe: firmware({ isReadable: false }) },
    allows: { probe: firmware({}) },
  },
  {
    id: 'R-PAY-2',
    says: 'a firmware that is not there cannot be read; nobody has looked is no fault',
    at: '/payload/firmware',
    breaks: { probe: firmware({ isThere: false, isReadable: false }) },
    allows: { probe: { files: new Map() } },
  },
  {
    id: 'C-CON-1',
    says: 'a console in a file names the file',
    at: '/console/file',
    breaks: { vm: { console: { mode: 'File' } }, also: ['G-3'] },
    allows: { vm: { console: { mode: 'File', file: '/run/console.log' } }, also: ['G-3'] },
  },
  {
    id: 'C-CON-2',
    says: 'a serial port in a file names the file',
    at: '/serial/file',
    breaks: { vm: { serial: { mode: 'File' } }, also: ['G-3'] },
    allows: { vm: { serial: { mode: 'File', file: '/run/serial.log' } }, also: ['G-3'] },
  },
  {
    id: 'C-CON-3',
    says: 'a serial port on a socket names the socket',
    at: '/serial/socket',
    breaks: { vm: { serial: { mode: 'Socket' } }, also: ['G-3'] },
    allows: { vm: { serial: { mode: 'Socket', socket: '/run/serial.sock' } }, also: ['G-3'] },
  },
  {
    id: 'C-CON-3',
    says: 'a console on a socket names the socket, too',
    at: '/console/socket',
    breaks: { vm: { console: { mode: 'Socket' } }, also: ['R-CON-1', 'G-3'] },
    allows: { vm: { console: { mode: 'Pty' } }, also: ['G-3'] },
  },
  {
    id: 'C-CON-4',
    says: 'a debug console in a file names the file',
    at: '/debug_console/file',
    breaks: { vm: { debug_console: { mode: 'File' } } },
    allows: { vm: { debug_console: { mode: 'File', file: '/run/debug.log' } } },
  },
  {
    id: 'C-CON-5',
    says: 'the port of the debug console is a number of 16 bits',
    at: '/debug_console/iobase',
    breaks: { vm: { debug_console: { mode: 'Off', iobase: 0x1_00_00 } } },
    allows: { vm: { debug_console: { mode: 'Off', iobase: 0xff_ff } } },
    isMalformed: true,
  },
  {
    id: 'C-CON-5',
    says: 'the port of the debug console is not negative',
    at: '/debug_console/iobase',
    breaks: { vm: { debug_console: { mode: 'Off', iobase: -1 } } },
    allows: { vm: { debug_console: { mode: 'Off', iobase: 0 } } },
    isMalformed: true,
  },
  {
    id: 'R-CON-1',
    says: 'the virtio console has no socket',
    at: '/console/mode',
    breaks: { vm: { console: { mode: 'Socket', socket: '/run/c.sock' } }, also: ['G-3'] },
    allows: { vm: { serial: { mode: 'Socket', socket: '/run/c.sock' } }, also: ['G-3'] },
  },
  {
    id: 'R-CON-2',
    says: 'the debug console has no socket',
    at: '/debug_console/mode',
    breaks: { vm: { debug_console: { mode: 'Socket' } } },
    allows: { vm: { debug_console: { mode: 'Null' } } },
  },
  {
    id: 'R-CON-3',
    says: 'two consoles on one terminal mix; the virtio console is on it unless told otherwise',
    at: '/console',
    breaks: { vm: { console: undefined }, also: ['G-2'] },
    allows: { vm: { serial: { mode: 'Null' }, console: undefined }, also: ['G-2', 'G-3'] },
    severity: 'warning',
  },
  {
    id: 'R-CON-3',
    says: 'the debug console can be the second one',
    at: '/debug_console',
    breaks: { vm: { debug_console: { mode: 'Tty' } } },
    allows: { vm: { debug_console: { mode: 'Off' } } },
    severity: 'warning',
  },
  {
    id: 'R-CON-4',
    says: 'the socket of the serial port must not exist yet',
    at: '/serial/socket',
    breaks: {
      vm: { serial: { mode: 'Socket', socket: '/run/serial.sock' } },
      probe: { existingSockets: new Set(['/run/serial.sock']) },
      also: ['G-3'],
    },
    allows: {
      vm: { serial: { mode: 'Socket', socket: '/run/serial.sock' } },
      probe: { existingSockets: new Set(['/run/other.sock']) },
      also: ['G-3'],
    },
  },
];
