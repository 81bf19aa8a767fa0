import { LOOK } from './process-scripts.ts';

/** Where the log of a command is to be, and who is to look after it. */
const PLACE = `
case \${XDG_STATE_HOME-} in
  /*) vllmd_logs=$XDG_STATE_HOME/vllmd/fleet/logs ;;
  *) vllmd_logs=\${HOME:?}/.local/state/vllmd/fleet/logs ;;
esac
vllmd_log=$vllmd_logs/$vllmd_name.log
vllmd_manager=
vllmd_directory=
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
  if [ "$(id -u)" = 0 ]; then
    vllmd_manager=system vllmd_directory=/run
  elif [ -e "/var/lib/systemd/linger/$(id -un)" ]; then
    export XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
    if systemctl --user show-environment >/dev/null 2>&1; then
      vllmd_manager=user vllmd_directory=$XDG_RUNTIME_DIR
    fi
  fi
fi
`;

/** Says what a start will be known by, and starts nothing. */
export const IDENTIFY: string = `${PLACE}
printf "log=%s\\n" "$vllmd_log"
[ -z "$vllmd_manager" ] || printf "unit=%s\\nmanager=%s\\n" "$vllmd_unit" "$vllmd_manager"
`;

/**
 * Starts a command so that it outlives whoever has started it, tells at once what was started, and looks for a while
 * whether it lives. The command and its environment go through a pipe: they are in no argument and in no property of a
 * unit. A unit keeps an exit code, and all that the command has started; without systemd a shell of ours, which leads the
 * process group, writes the code down.
 */
export const START: string = `${LOOK}${PLACE}unset INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES WATCHDOG_USEC WATCHDOG_PID SYSTEMD_EXEC_PID
vllmd_mask=$(umask)
umask 077
mkdir -p -- "$vllmd_logs" && rm -f -- "$vllmd_log.exit" || exit 1
if [ -e "$vllmd_log" ] || [ -L "$vllmd_log" ]; then mv -f -- "$vllmd_log" "$vllmd_log.1" || exit 1; fi
: >"$vllmd_log" || exit 1
printf "log=%s\\n" "$vllmd_log"
# Pipes that bash has made for itself; those it keeps what it has redirected in begin at 10.
vllmd_alone='for vllmd_fd in /proc/self/fd/*; do [ "\${vllmd_fd##*/}" -lt 20 ] || eval "exec \${vllmd_fd##*/}>&-"; done; unset vllmd_fd'
vllmd_text() {
  printf "%s\\numask %s\\n%s%s" "$vllmd_alone" "$vllmd_mask" "$vllmd_exports" "$vllmd_command"
}
vllmd_start_unit() {
  local directory writer scope=--system
  [ "$vllmd_manager" = system ] || scope=--user
  directory=$(mktemp -d "$1/vllmd-start.XXXXXX") && mkfifo "$directory/in" || return
  {
    printf "exec >>%q 2>&1\\n" "$vllmd_log"
    export -p
    printf "cd -- %q || exit\\n" "$PWD"
    vllmd_text
  } >"$directory/in" &
  writer=$!
  # Before it is there: systemd may have begun when systemd-run is cut off.
  printf "unit=%s\\nmanager=%s\\n" "$vllmd_unit" "$vllmd_manager"
  systemd-run "$scope" --quiet --unit="$vllmd_unit" --description="model $vllmd_name of vllmd" --service-type=exec \\
    --property=KillMode=control-group --property=TimeoutStopSec=5s --property=RemainAfterExit=yes \\
    --property="StandardInput=file:$directory/in" -- bash -c 'eval "$(cat)" </dev/null'
  local code=$?
  [ $code = 0 ] || kill "$writer"
  wait "$writer"
  rm -rf -- "$directory"
  return $code
}
vllmd_supervise() {
  printf "%s\\numask 077\\nvllmd_log=%q\\nvllmd_start=%q\\nvllmd_command=%q\\n" "$vllmd_alone" "$vllmd_log" "$vllmd_start" "$(vllmd_text && printf .)"
  printf "%s\\n" 'bash -c '\\''eval "$(cat)" </dev/null'\\'' < <(printf %s "\${vllmd_command%.}")' \\
    'printf "%s %s %s\\n" "$VLLMD_RUNTIME" $? "$vllmd_start" >"$vllmd_log.exit.new" && mv -f -- "$vllmd_log.exit.new" "$vllmd_log.exit"'
}
vllmd_start_group() {
  set -m
  {
    vllmd_stat "$BASHPID"
    vllmd_start=$vllmd_stat_start
    export VLLMD_RUNTIME=$vllmd_marker
    exec bash -c 'eval "$(cat)" </dev/null' < <(vllmd_supervise) >>"$vllmd_log" 2>&1
  } &
  vllmd_pgid=$!
  set +m
  if vllmd_stat "$vllmd_pgid"; then
    vllmd_start=$vllmd_stat_start
  else
    # It has ended already, and left word.
    { read -r _ _ vllmd_start <"$vllmd_log.exit"; } 2>/dev/null
  fi
  printf "pgid=%s\\nstart=%s\\n" "$vllmd_pgid" "$vllmd_start"
}
# From here on it is told what was started; before, nothing is.
trap : TERM
if [ -n "$vllmd_manager" ]; then
  # A command that ends before systemd has looked is a failed start to it, and has ended to us.
  if ! vllmd_start_unit "$vllmd_directory"; then
    vllmd_look && [ "$vllmd_state" != gone ] || exit 1
  fi
else
  vllmd_unit=
  vllmd_start_group
fi
trap - TERM
umask "$vllmd_mask"
for ((vllmd_i = 0; vllmd_i <= vllmd_ticks; vllmd_i++)); do
  vllmd_look || exit 1
  [ "$vllmd_state" = running ] || break
  [ "$vllmd_i" = "$vllmd_ticks" ] || sleep 0.1
done
vllmd_tell
`;
