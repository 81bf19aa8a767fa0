import { randomBytes } from 'node:crypto';
import { digestOf } from './keys.ts';

/** Browsers that have shown a key: they cannot send it as a header. What is kept would not let anybody in. */
export type Sessions = {
  /** The value of a cookie. */
  readonly open: () => string;
  readonly isOpen: (cookie: string | undefined) => boolean;
  readonly close: (cookie: string | undefined) => void;
};

const LASTS_MS = 12 * 60 * 60 * 1000;
/** More are somebody's who opens them without end: the oldest go. */
const MOST = 200;
const SECRET_BYTES = 32;

export function newSessions(now: () => number): Sessions {
  const ends = new Map<string, number>();
  return {
    open: () => {
      const secret = randomBytes(SECRET_BYTES).toString('hex');
      ends.set(nameOf(secret), now() + LASTS_MS);
      const [oldest] = ends.keys();
      if (ends.size > MOST && oldest !== undefined) ends.delete(oldest);
      return secret;
    },
    isOpen: (cookie) => cookie !== undefined && (ends.get(nameOf(cookie)) ?? 0) > now(),
    close: (cookie) => void (cookie === undefined || ends.delete(nameOf(cookie))),
  };
}

/** Looked up by its digest, which takes as long for one that is nearly right. */
function nameOf(secret: string): string {
  return Buffer.from(digestOf(secret)).toString('hex');
}

const NAME = 'vllmd_hive';

export function sessionCookie(secret: string): string {
  return `${NAME}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${LASTS_MS / 1000}`;
}

export const noSessionCookie = `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

export function sessionOf(header: string | undefined): string | undefined {
  return new RegExp(`(?:^|; *)${NAME}=([0-9a-f]+)(?:;|$)`).exec(header ?? '')?.[1];
}
