# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # its readers set `work` and end with `failed`
# assert.sh: what the cases of all systems say their results with: `ok - …` and `not ok - …`. Sourced by lib.sh beside it.
failed=0

ok() {
  echo "ok - $1"
}
not_ok() {
  echo "not ok - $1"
  failed=1
}
# is GOT WANTED NAME
is() {
  if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3 (got '$1', want '$2')"; fi
}
# isnt GOT UNWANTED NAME
isnt() {
  if [ "$1" != "$2" ]; then ok "$3"; else not_ok "$3 (got '$1')"; fi
}
# holds NAME COMMAND...
holds() {
  local name=$1
  shift
  if "$@"; then ok "$name"; else not_ok "$name"; fi
}
# fails NAME COMMAND...
fails() {
  local name=$1
  shift
  if "$@"; then not_ok "$name"; else ok "$name"; fi
}
absent() {
  local path
  for path in "$@"; do
    if [ -e "$path" ] || [ -L "$path" ]; then
      echo "# is there: $path"
      return 1
    fi
  done
}
# printed NAME PATTERN: the last command's output has a line like this. printed_not: has none.
printed() {
  if grep -qhE -- "$2" "$work"/out "$work"/err; then
    ok "$1"
  else
    not_ok "$1 (no line '$2')"
    tail -n 12 "$work"/err | sed 's/^/# err: /'
  fi
}
printed_not() {
  fails "$1" grep -qhE -- "$2" "$work"/out "$work"/err
}

# vllmd ARGUMENT...: what starts runtimes watches them for one second here, where the case says nothing else.
vllmd() {
  case "${1:-} $*" in
    *' --settle '*) ;;
    install\ * | rollback\ * | recover\ *) set -- "$@" --settle 1 ;;
  esac
  node ./vllmd.mjs "$@"
}
# expect RC NAME ARGUMENT...: runs vllmd; its output is in $work/out and $work/err, and in the log when the code is another.
expect() {
  local wanted=$1 name=$2 rc=0
  shift 2
  vllmd "$@" >"$work"/out 2>"$work"/err || rc=$?
  if [ $rc = "$wanted" ]; then
    ok "$name: exit code $rc"
  else
    not_ok "$name: exit code $rc, want $wanted"
    tail -n 12 "$work"/out | sed 's/^/# out: /'
    tail -n 40 "$work"/err | sed 's/^/# err: /'
  fi
}
