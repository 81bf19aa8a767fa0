import { posixWord } from '../../core/shell-word.ts';

/**
 * Reads a text up to a NUL and carries it out; what follows stays on the standard input. Without single quotes,
 * exclamation marks and line ends, so that the shell of any account takes it as one word. It is an argument, so no name
 * of a program is in it: `pkill -f vllm` in a script would end the shell that runs it.
 */
const FIRST_TEXT = 'IFS= read -r -d "" first_text && eval "unset first_text; $first_text"';

/** `bash` with an argv that is always the same: no pattern of `pkill -f` in a script finds the shell that runs it. */
export const localShell: readonly string[] = ['bash', '-c', FIRST_TEXT];

/** For the account's own shell on another host; its profile says where programs are. */
export const remoteShell: string = `bash -lc '${FIRST_TEXT}'`;

/**
 * Runs the script that follows in a process group of its own, and ends that group where the standard input ends first:
 * whoever asked has gone, or has had enough. The other way for it to end is its limit, as a connection can be dead for
 * hours before the host knows. The script's own shell has a fixed argv too. Variables have a prefix, as
 * one that the caller has exported would go on to the script.
 */
const SESSION = `IFS= read -r -d "" vllmd_mark && IFS= read -r -d "" vllmd_limit && IFS= read -r -d "" vllmd_script || exit 1
exec 3<&0 </dev/null
printf "%s[" "$vllmd_mark"
printf "%s[" "$vllmd_mark" >&2
set -m
{ exec bash -c 'eval "$(cat)" </dev/null' < <(printf "%s" "$vllmd_script") 3<&-; } &
vllmd_job=$!
set +m
{
  IFS= read -r -t "$vllmd_limit" -d "" _ <&3
  trap "" TERM
  kill -TERM -- "-$vllmd_job"
  for ((vllmd_i = 0; vllmd_i < 50; vllmd_i++)); do
    kill -0 -- "-$vllmd_job" || exit 0
    sleep 0.1
  done
  kill -KILL -- "-$vllmd_job"
} >/dev/null 2>&1 &
vllmd_watch=$!
exec 3<&-
wait "$vllmd_job" 2>/dev/null
vllmd_code=$?
kill "$vllmd_watch" 2>/dev/null
wait "$vllmd_watch" 2>/dev/null
printf "%s]%s;" "$vllmd_mark" "$vllmd_code"
printf "%s]%s;" "$vllmd_mark" "$vllmd_code" >&2
`;

export type SessionInput = {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly limitSec: number;
};

/** What either shell reads. The environment is part of it: no value of it is in an argument. */
export function sessionInput({ script, env, mark, limitSec }: SessionInput): string {
  const text = `${exportsOf(env)}${script}`;
  if (text.includes('\0')) throw new RangeError('no shell can be given a NUL');
  return [SESSION, mark, limitSec, text, ''].join('\0');
}

/** For the shell that carries the command of a user out, and for no other: a `PATH` or `IFS` of his is not for our scripts. */
export function exportsOf(env: Readonly<Record<string, string>>): string {
  const lines = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RangeError(`${name} is no name of a variable`);
    return `export ${name}=${posixWord(value)}\n`;
  });
  return lines.join('');
}
