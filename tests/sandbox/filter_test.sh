#!/usr/bin/env bash
# Shows that tests/sandbox puts on the filters of systemd/credgate.service: that what it shuts is shut
# with it, and was open without it.
set -euo pipefail

if [[ $# != 1 || $1 == --help ]]; then
  echo "usage: tests/sandbox/filter_test.sh DIRECTORY   (of the programs sandbox and probe)" >&2
  [[ ${1-} == --help ]] && exit 0
  exit 2
fi
programs=$1
unit=$(dirname "${BASH_SOURCE[0]}")/../../systemd/credgate.service
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { # what went wrong
  printf 'filter_test.sh: %s\n' "$1" >&2
  exit 1
}

outcome() { # program argument...: what it printed, or the signal that ended it
  local said status=0
  said=$("$@" 2>&1) || status=$?
  case $status in
    0) echo "$said" ;;
    159) echo "killed by SIGSYS" ;;
    *) fail "$* ended with $status: $said" ;;
  esac
}

expect() { # call outcome
  local inside outside
  inside=$(outcome "$programs/sandbox" "$programs/probe" "$1")
  [[ $inside == "$2" ]] || fail "$1 in the sandbox: '$inside' and not '$2'"
  [[ $2 == 'done' ]] && return
  outside=$(outcome "$programs/probe" "$1")
  [[ $outside != "$inside" ]] || fail "$1 comes to '$outside' without a sandbox too, so this shows nothing"
}

forbidden='Operation not permitted'
expect open-socket 'done'
expect setpriority 'done'
expect netlink 'Address family not supported by protocol'
expect packet 'Address family not supported by protocol'
for call in unshare clone mount chown setuid sched_setscheduler keyctl personality writable-code executable-later; do
  expect "$call" "$forbidden"
done
[[ $(uname -m) != x86_64 ]] || expect foreign 'killed by SIGSYS'
# Newer than systemd: as if the kernel were older, which libraries are ready for.
[[ $(outcome "$programs/sandbox" "$programs/probe" not-yet-invented) == 'Function not implemented' ]] ||
  fail "a call that systemd does not know does not fail as one that does not exist"

# The unit is what is read: another one has other filters.
grep -vE '^(SystemCallErrorNumber|RestrictNamespaces|MemoryDeny)' "$unit" >"$work/other.service"
export SANDBOX_UNIT=$work/other.service
expect mount 'killed by SIGSYS'
expect writable-code 'done'
echo 'SystemCallFilter=~@no-such-set' >>"$work/other.service"
sed -i '/^\[Install\]/,/^WantedBy/d' "$work/other.service"
! "$programs/sandbox" true 2>"$work/said" || fail "a set that does not exist passed"
grep -q 'there is no set @no-such-set' "$work/said" || fail "said: $(<"$work/said")"
echo "sandbox: the filters of the unit are on"
