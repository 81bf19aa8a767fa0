import {
  type HostFacts,
  type HostQuestions,
  hostFactsOf,
} from '../../core/fleet/doctor/host-facts.ts';
import type { ShellResult, Transport } from './transport.ts';

/** What a host says of itself, or how it was not asked. */
export type HostAnswer =
  | { readonly isReached: true; readonly facts: HostFacts }
  | { readonly isReached: false; readonly result: ShellResult };

/** A host that is busy takes its time with `nvidia-smi`. */
const TIMEOUT_MS = 60_000;

/** Asks a host once, with a script that is the same for all and only reads. */
export async function readHost(
  transport: Transport,
  questions: HostQuestions,
  until?: AbortSignal,
): Promise<HostAnswer> {
  const result = await transport.run({
    script: SCRIPT,
    env: {
      VLLMD_PROGRAMS: lines(questions.programs),
      VLLMD_SUDO_PROGRAMS: lines(questions.sudoPrograms),
      VLLMD_PATHS: lines(questions.paths),
    },
    timeoutMs: TIMEOUT_MS,
    until,
  });
  const isWhole = result.stdout.endsWith('end\n') && result.exitCode === 0;
  if (!isWhole) return { isReached: false, result };
  return { isReached: true, facts: hostFactsOf(result.stdout, questions) };
}

/** None of them has a line end: it would be another one. */
function lines(texts: readonly string[]): string {
  return texts.map((text) => text.replaceAll('\n', ' ')).join('\n');
}

/** What is asked for comes by the environment, so that none of it is text for bash. */
const SCRIPT = String.raw`
export LC_ALL=C
printf 'time\t%s\n' "$(date +%s)"
look_up() {
  index=0
  while IFS= read -r name; do
    [ -n "$name" ] || continue
    printf '%s\t%s\t%s\n' "$1" "$index" "$(command -v -- "$name" | head -n 1 | tr '\t' ' ')"
    index=$((index + 1))
  done
}
look_up program <<< "$VLLMD_PROGRAMS"
(
  PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
  look_up sudo-program <<< "$VLLMD_SUDO_PROGRAMS"
)
room() {
  near=$1
  while [ ! -e "$near" ] && [ "$near" != / ] && [ "$near" != . ]; do near=$(dirname -- "$near"); done
  df -Pk -- "$near" 2> /dev/null | awk 'NR == 2 {
    disk = $6
    for (at = 7; at <= NF; at += 1) disk = disk " " $at
    print $4 "\t" disk
  }'
}
index=0
while IFS= read -r path; do
  [ -n "$path" ] || continue
  state=missing
  [ -e "$path" ] && state=there
  printf 'path\t%s\t%s\t%s\n' "$index" "$state" "$(room "$path")"
  index=$((index + 1))
done <<< "$VLLMD_PATHS"
downloads=$XDG_CACHE_HOME
[ -n "$downloads" ] || downloads=$HOME/.cache
downloads=$downloads/llama.cpp
[ -z "$LLAMA_CACHE" ] || downloads=$LLAMA_CACHE
printf 'downloads\t%s\n' "$(room "$downloads")"
limit='timeout 10'
command -v timeout > /dev/null || limit=
ask() {
  by=$1
  shift
  command -v -- "$1" > /dev/null || return 0
  said=$($limit "$@" 2>&1)
  printf 'gpu\t%s\texit\t%s\n' "$by" "$?"
  printf '%s\n' "$said" | head -n 16 | tr '\t' ' ' | while IFS= read -r line; do
    printf 'gpu\t%s\tline\t%s\n' "$by" "$line"
  done
}
ask nvidia-smi nvidia-smi -L
ask rocm-smi rocm-smi --showproductname --csv
ask vulkaninfo vulkaninfo --summary
[ -d /dev/dri ] && ask /dev/dri ls /dev/dri
echo end
`;
