#!/usr/bin/env bash
# Checks the units in systemd/ without a running systemd; --help has the details.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: tests/units.sh [--help]

  - systemd-analyze verify knows every setting of both units, and of the drop-ins in systemd/examples
  - systemd-analyze security gives both a score of at most 1.0, and a looser unit more than that
  - a misspelt setting is found
  - the template unit differs from the plain one only in its command and its description
TEXT
}

fail() { # what went wrong, what to do next
  printf 'units.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

case "$#${1-}" in
  0) ;;
  1--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v systemd-analyze >/dev/null || fail "systemd-analyze is missing" "conf/deps.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An instance, as a template by itself says nothing; the daemon need not be installed.
cp systemd/credgate.service "$work/credgate.service"
cp systemd/credgate@.service "$work/credgate@1.service"
sed -i 's,^ExecStart=/usr/bin/credgate,ExecStart=/bin/true,' "$work"/*.service
printf '[Service]\nExecStart=/bin/true\n' >"$work/nats-server.service"
for drop_in in remote-nats-server encrypted-keys; do
  install -Dm 0644 "systemd/examples/$drop_in.conf" "$work/credgate.service.d/$drop_in.conf"
done
install -Dm 0644 systemd/examples/nats-server.conf "$work/nats-server.service.d/nats-server.conf"
sed -i 's,/usr/sbin/nats-server,/bin/true,' "$work/nats-server.service.d/nats-server.conf"

complaints() {
  { SYSTEMD_UNIT_PATH=$work: systemd-analyze verify --man=no --recursive-errors=no \
    "$work/credgate.service" "$work/credgate@1.service" "$work/nats-server.service" 2>&1 || true; } |
    grep -E "^($work|credgate|nats-server)" || true
}
said=$(complaints)
[[ -z $said ]] || fail "systemd-analyze verify says: $said" "mend the unit"
printf '[Service]\nPrivateTemp=yes\n' >"$work/credgate.service.d/misspelt.conf"
[[ $(complaints) == *PrivateTemp* ]] || fail "a misspelt setting passed" "look at what verify says now"

score() { # unit: exit status 0 where it is at most 1.0
  systemd-analyze security --offline=true --threshold=10 "$1" 2>&1 | tail -n 1
}
rm -r "$work"/*.d
for unit in credgate credgate@1; do
  text=$(score "$work/$unit.service") || fail "$text" "close what was opened, or say why it must be open"
  echo "${text#*Overall }"
done
sed '/^ProtectSystem=/d; /^PrivateDevices=/d' "$work/credgate.service" >"$work/loose.service"
! score "$work/loose.service" >/dev/null || fail "a looser unit passed too" "look at --threshold"

settings() { # unit: its settings, without what an instance has of its own
  grep -vE '^(#|$|ExecStart=|Description=)' "$1"
}
diff <(settings systemd/credgate.service) <(settings systemd/credgate@.service) ||
  fail "the settings of the two units differ" "make them the same"
echo "units: verified, alike"
