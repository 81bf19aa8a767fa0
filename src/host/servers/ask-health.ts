import type { IncomingMessage } from 'node:http';
import type { HealthTarget } from '../../core/llama/run/addresses.ts';
import type { HealthAnswer } from '../../core/llama/run/health.ts';
import { asError } from '../as-error.ts';

/** One GET, whose answer's head is all that counts. Never throws. Loads its library when first used. */
export async function askHealth(target: HealthTarget, timeoutMs: number): Promise<HealthAnswer> {
  const { address, isTls, path } = target;
  const { request } = isTls ? await import('node:https') : await import('node:http');
  const place =
    address.kind === 'socket'
      ? { socketPath: address.path }
      : { host: address.host, port: address.port };
  return new Promise((resolve) => {
    const answered = (response: IncomingMessage) => {
      resolve({ kind: 'status', status: response.statusCode ?? 0 });
      response.destroy();
    };
    const asked = request(
      {
        ...place,
        path,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        // A process of this machine that we have started: its certificate need not be one for this name.
        rejectUnauthorized: false,
      },
      answered,
    );
    asked.on('error', (error) => {
      const isLate = error.name === 'TimeoutError' || error.name === 'AbortError';
      const why = isLate ? `no answer within ${timeoutMs / 1000} s` : asError(error).message;
      resolve({ kind: 'none', why });
    });
    // Nobody waits for an answer that somebody else owes.
    asked.on('socket', (socket) => void socket.unref());
    asked.end();
  });
}
