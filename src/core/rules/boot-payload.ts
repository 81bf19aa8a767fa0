import { problem } from '../config/problem.ts';
import { type Diagnostic, pointer, withNote } from '../diagnostic.ts';
import type { Draft, PayloadDraft, PayloadKey } from './draft.ts';
import type { Rule } from './rule.ts';

/** A table has `firmware` or `kernel`, not both; `initramfs` and `cmdline` have a kernel that they go with. */
export const bootPayload: Rule = {
  id: 'boot-payload',
  check: ({ boot, runtimes }) => {
    const payloads = runtimes.map((runtime) => runtime.payload);
    return [
      ...both(boot),
      ...ofBoot(boot, payloads),
      ...payloads.flatMap((payload) => [...both(payload), ...ofRuntime(payload, boot)]),
    ];
  },
};

function both(payload: PayloadDraft): readonly Diagnostic[] {
  if (payload.firmware === undefined || payload.kernel === undefined) return [];
  const clash = at(
    payload,
    'firmware',
    'is not possible together with kernel in the same table',
    'remove one of them: a virtual machine starts firmware or a kernel',
  );
  return [withNote(clash, payload.pointer + pointer('kernel'), 'the kernel is set here')];
}

/** The command line also goes with the kernel that a runtime has of its own. */
function ofBoot(boot: Draft['boot'], payloads: readonly PayloadDraft[]): readonly Diagnostic[] {
  if (boot.kernel !== undefined) return [];
  const isAnyKernel = payloads.some(({ kernel }) => kernel !== undefined);
  return [
    ...without(boot, 'initramfs', 'add boot.kernel, or remove it'),
    ...(isAnyKernel ? [] : without(boot, 'cmdline', 'add boot.kernel, or remove it')),
  ];
}

function ofRuntime(payload: PayloadDraft, boot: PayloadDraft): readonly Diagnostic[] {
  if (payload.kernel !== undefined) return [];
  const isFirmware = payload.firmware !== undefined;
  if (!isFirmware && boot.kernel !== undefined) return [];
  const help = isFirmware
    ? 'this runtime starts its firmware: remove it, or give it a kernel instead'
    : 'add a kernel to this runtime or to [boot], or remove it';
  return [...without(payload, 'initramfs', help), ...without(payload, 'cmdline', help)];
}

function without(payload: PayloadDraft, key: PayloadKey, help: string): readonly Diagnostic[] {
  if (payload[key] === undefined) return [];
  return [at(payload, key, 'has no effect without a kernel', help)];
}

function at(payload: PayloadDraft, key: PayloadKey, text: string, help: string): Diagnostic {
  return problem('boot-payload', payload.pointer + pointer(key), text, help);
}
