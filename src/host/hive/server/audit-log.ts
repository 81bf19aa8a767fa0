import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { VllmdError } from '../../../core/failure.ts';
import { asError } from '../../as-error.ts';
import type { Handled, Observer } from './traffic.ts';

export type AuditLog = { readonly note: Observer; readonly close: () => void };

const OWNER_ONLY = 0o600;

/** One line of JSON a request: who, what for, where to, how it ended. Nothing of what was asked or answered. */
export function openAuditLog(path: string, tell: (text: string) => void): AuditLog {
  const descriptor = open(path);
  let isLost = false;
  return {
    note: (handled) => {
      try {
        writeSync(descriptor, `${JSON.stringify(line(handled))}\n`);
        isLost = false;
      } catch (error) {
        // A full disk keeps no request from its answer.
        const reason = asError(error).message;
        if (!isLost) tell(`error: the audit log ${path} cannot be written: ${reason}`);
        isLost = true;
      }
    },
    close: () => closeSync(descriptor),
  };
}

function open(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, OWNER_ONLY);
  } catch (error) {
    const message = `the audit log ${path} cannot be written: ${asError(error).message}`;
    throw new VllmdError('runtime', message, 'name another file in `audit_log`', { cause: error });
  }
}

function line(handled: Handled): Readonly<Record<string, unknown>> {
  return {
    time: new Date(handled.atMs).toISOString(),
    request_id: handled.requestId,
    key_id: handled.keyId ?? null,
    kind: handled.kind,
    model: handled.model,
    service_id: handled.serviceId ?? null,
    status: handled.status,
    duration_ms: Math.round(handled.durationMs),
    tries: handled.tries,
  };
}
