import { switchesOff } from '../facts/mitigation-parameters.ts';
import type { Check } from './check.ts';
import type { PrecheckView } from './view.ts';

const DOCUMENTATION = 'https://docs.kernel.org/admin-guide/hw-vuln/';

/** What a guest could learn of the host or of other guests. Nothing here tells anybody to switch a mitigation off. */
export function mitigationChecks({ machine }: PrecheckView): readonly Check[] {
  const { vulnerabilities } = machine;
  if (vulnerabilities.size === 0) return [unknown()];
  const open = [...vulnerabilities].filter(([, text]) => isOpen(text));
  const threads = [...vulnerabilities].filter(([, text]) => !isOpen(text) && SMT.test(text));
  const off = machine.pci.kernelCommandLine.split(/\s+/).filter(switchesOff);
  const dark = [...vulnerabilities].filter(([, text]) => isUnknown(text));
  return [
    ...switchedOff(off),
    ...(open.length > 0 ? [vulnerable(open, off)] : []),
    ...(dark.length > 0 ? [untold(dark)] : []),
    ...(open.length + dark.length > 0 ? [] : [mitigated(vulnerabilities.size)]),
    ...(threads.length > 0 ? [sharedCores(threads)] : []),
  ];
}

/** Processes of the host could; KVM clears the history of branches at each exit of a guest. */
const CLOSED_TO_GUESTS = 'BHI: Vulnerable, KVM: SW loop';
const SMT = /SMT (?:vulnerable|Host state unknown)/i;

/** Also one part of several: `Mitigation: PTE Inversion; VMX: vulnerable, SMT disabled`, `…; BHI: Vulnerable`. */
function isOpen(text: string): boolean {
  return /\bvulnerable\b/i.test(text.replace(SMT, '').replace(CLOSED_TO_GUESTS, ''));
}

/** `Unknown: No mitigations` is a CPU that its maker no longer looks after, `Unknown: Dependent on hypervisor status` a VM. */
function isUnknown(text: string): boolean {
  return text === '' || text.startsWith('Unknown');
}

const base = { id: 'mitigations', subsystem: 'kernel' } as const;

function unknown(): Check {
  const message =
    'the kernel says nothing of its CPU vulnerabilities (/sys/devices/system/cpu/vulnerabilities)';
  return { ...base, verdict: 'info', message };
}

function mitigated(count: number): Check {
  const message = `none of the ${count} CPU vulnerabilities that the kernel knows is open`;
  return { ...base, verdict: 'pass', message };
}

function vulnerable(open: readonly (readonly [string, string])[], off: readonly string[]): Check {
  const names = open.map(([name]) => name).join(', ');
  return {
    ...base,
    verdict: 'risk',
    message: `open to ${names}: a guest that is hostile might read memory of the host or of another guest`,
    detail: open.map(([name, text]) => `${name}: ${text}`),
    remedy: [
      ...(off.length === 0
        ? []
        : [
            `first take ${off.join(' ')} off the kernel command line: it may be all there is to it`,
          ]),
      'update the firmware, the microcode (intel-microcode, amd64-microcode; microcode_ctl, linux-firmware) and the kernel, then reboot',
      `what is left open then concerns hosts whose guests belong to different people: ${DOCUMENTATION}`,
    ],
  };
}

function untold(dark: readonly (readonly [string, string])[]): Check {
  const names = dark.map(([name]) => name).join(', ');
  return {
    id: 'mitigations-unknown',
    subsystem: 'kernel',
    verdict: 'info',
    message: `the kernel does not know whether this CPU is open to ${names}`,
    detail: dark.map(([name, text]) => `${name}: ${text || 'nothing was said'}`),
  };
}

function sharedCores(threads: readonly (readonly [string, string])[]): Check {
  return {
    id: 'mitigations-smt',
    subsystem: 'kernel',
    verdict: 'risk',
    message: `${threads.map(([name]) => name).join(', ')}: mitigated, but not between guests on two threads of one core`,
    detail: threads.map(([name, text]) => `${name}: ${text}`),
    remedy: [
      'where guests belong to different people, weigh what threads gain against it: nosmt on the kernel command line keeps them apart',
      'where all guests are yours, nothing has to be done',
    ],
  };
}

function switchedOff(words: readonly string[]): readonly Check[] {
  if (words.length === 0) return [];
  return [
    {
      id: 'mitigations-off',
      subsystem: 'kernel',
      verdict: 'risk',
      message: `the kernel was started with ${words.join(' ')}: guests are not kept from what the CPU leaks`,
      remedy: [
        `take ${words.join(' ')} off the kernel command line, unless every guest and everything in it is trusted; then reboot`,
      ],
    },
  ];
}
