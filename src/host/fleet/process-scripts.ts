import { posixWord } from '../../core/shell-word.ts';

/** A script for a host: fixed text behind the values that it works with. */
export function scriptWith(values: Readonly<Record<string, string>>, text: string): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `vllmd_${name}=${posixWord(value)}\n`,
  );
  return lines.join('') + text;
}

/**
 * What has become of a started command, as `state=` and `code=`. Of a group: the leader is known by when it began, since
 * numbers are used again; what has left the group, or has outlived its leader, by a variable that it was started with.
 * Where nobody has got to note the group, those with the variable tell which it is.
 */
export const LOOK = `
IFS=$' \\t\\n'
vllmd_systemctl() {
  if [ "$vllmd_manager" = user ]; then
    XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)} systemctl --user "$@"
  else
    systemctl "$@"
  fi
}
vllmd_tag=\${vllmd_marker:-$vllmd_pgid.$vllmd_start}
vllmd_stat() {
  local text=
  [ -n "$1" ] || return 1
  { IFS= read -r -d "" text <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$text" ] || return 1
  set -- \${text##*) }
  vllmd_stat_state=$1 vllmd_stat_group=$3 vllmd_stat_start=\${20}
}
vllmd_members() {
  local own marked number is_ours= groups=" "
  vllmd_stat $$ && own=$vllmd_stat_group
  marked=" $(grep -lzsxF -- "VLLMD_RUNTIME=$vllmd_tag" /proc/[0-9]*/environ | tr -c 0-9 " ") "
  if [ -z "$vllmd_pgid" ]; then
    for number in $marked; do
      vllmd_stat "$number" && groups="$groups$vllmd_stat_group "
    done
  elif vllmd_stat "$vllmd_pgid"; then
    [ "$vllmd_stat_start" = "$vllmd_start" ] && is_ours=yes
  else
    for number in $marked; do
      vllmd_stat "$number" && [ "$vllmd_stat_group" = "$vllmd_pgid" ] && is_ours=yes
    done
  fi
  vllmd_found=
  for number in /proc/[0-9]*; do
    number=\${number#/proc/}
    vllmd_stat "$number" || continue
    case $vllmd_stat_state in Z | X) continue ;; esac
    [ "$vllmd_stat_group" != "$own" ] || continue
    if [ "$is_ours" = yes ] && [ "$vllmd_stat_group" = "$vllmd_pgid" ]; then
      vllmd_found="$vllmd_found $number"
    else
      case "$marked/$groups" in
        *" $number "*/* | */*" $vllmd_stat_group "*) vllmd_found="$vllmd_found $number" ;;
      esac
    fi
  done
  return 0
}
vllmd_look_group() {
  local tag= code=
  if vllmd_stat "$vllmd_pgid" && [ "$vllmd_stat_start" = "$vllmd_start" ] && [ "$vllmd_stat_state" != Z ]; then
    vllmd_found=$vllmd_pgid
  else
    vllmd_members
    # A leader that has just ended may have left somebody who was not there yet.
    [ -n "$vllmd_found" ] || vllmd_members
  fi
  { read -r tag code _ <"$vllmd_log.exit"; } 2>/dev/null
  [ "$tag" = "$vllmd_tag" ] || code=
  if [ -n "$vllmd_found" ] && [ "\${code:-0}" = 0 ]; then
    vllmd_state=running
  elif [ -n "$code" ]; then
    vllmd_state=ended vllmd_code=$code
  else
    vllmd_state=gone
  fi
}
vllmd_look_unit() {
  local name value load= active= sub= code= status= group=
  while IFS="=" read -r name value; do
    case $name in
      LoadState) load=$value ;;
      ActiveState) active=$value ;;
      SubState) sub=$value ;;
      ExecMainCode) code=$value ;;
      ExecMainStatus) status=$value ;;
      ControlGroup) group=$value ;;
    esac
  done < <(vllmd_systemctl show -p LoadState,ActiveState,SubState,ExecMainCode,ExecMainStatus,ControlGroup -- "$vllmd_unit")
  [ "$code" = 1 ] || [ "$status" = 0 ] || status=$((128 + status))
  case $load/$active/$sub in
    "" | //) return 1 ;;
    not-found/*) vllmd_state=gone ;;
    */active/exited)
      vllmd_state=ended vllmd_code=$status
      # Without a group nobody is left in it.
      if [ -n "$group" ] && {
        grep -qs "^populated 1" "/sys/fs/cgroup$group/cgroup.events" "/sys/fs/cgroup/unified$group/cgroup.events" ||
          grep -qs . "/sys/fs/cgroup/systemd$group/cgroup.procs"
      }; then vllmd_state=running; fi
      ;;
    */failed/*)
      [ "$status" != 0 ] || status=1
      vllmd_state=ended vllmd_code=$status
      ;;
    */inactive/*) vllmd_state=gone ;;
    *) vllmd_state=running ;;
  esac
}
vllmd_look() {
  vllmd_state= vllmd_code=
  if [ -n "$vllmd_unit" ]; then vllmd_look_unit; else vllmd_look_group; fi
}
vllmd_tell() {
  printf "state=%s\\ncode=%s\\n" "$vllmd_state" "$vllmd_code"
}
`;

export const LOOK_AT: string = `${LOOK}
vllmd_look && vllmd_tell
`;

/** SIGTERM, and SIGKILL 5 s later. Says at the end what is left. */
export const STOP: string = `${LOOK}
vllmd_signal() {
  for vllmd_number in $vllmd_found; do kill "-$1" "$vllmd_number" 2>/dev/null; done
}
if [ -n "$vllmd_unit" ]; then
  vllmd_look || exit 1
  if [ "$vllmd_state" != gone ]; then
    vllmd_systemctl stop -- "$vllmd_unit"
    vllmd_systemctl reset-failed -- "$vllmd_unit" 2>/dev/null
    vllmd_look || exit 1
  fi
else
  vllmd_members
  vllmd_signal TERM
  vllmd_end=$((SECONDS + 6))
  while vllmd_members && [ -n "$vllmd_found" ] && [ "$SECONDS" -lt "$((vllmd_end + 2))" ]; do
    [ "$SECONDS" -lt "$vllmd_end" ] || vllmd_signal KILL
    sleep 0.1
  done
  vllmd_state=running
  [ -n "$vllmd_found" ] || vllmd_state=gone
fi
vllmd_tell
`;

export const TAIL: string = `tail -c 65536 -- "$vllmd_log" | tail -n "$vllmd_lines"
`;
