#!/usr/bin/env bash
# Installs, uses, upgrades and purges the Debian package in fresh systems; --help has the details.
# shellcheck disable=SC2016 # what is in single quotes is for other programs to expand
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: tests/package.sh [RELEASE...]

For each RELEASE of Debian (bookworm, trixie; both where none is given):
  - builds the package, on this machine where it is of that release, else in a fresh root with the
    sources copied in;
  - installs it with apt into another fresh root, which has no compiler;
  - runs there: credgate init; the daemon as the user credgate, with its keys as systemd would hand
    them over, under the filters of its unit; a nats-server; a credential that is let in, then revoked and refused;
  - upgrades it, which keeps configuration and store, and the old daemon where the configuration is wrong;
    removes it, which keeps them too; installs it again, which starts what is enabled; purges it,
    after which nothing is left.
The roots are made by debootstrap, from the machine's own apt sources, in a temporary directory that
is removed again. Everything listens on loopback. As root.
TEXT
}

fail() { # what went wrong, what to do next
  printf 'package.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

releases=()
for word in "$@"; do
  case $word in
    bookworm | trixie) releases+=("$word") ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
((${#releases[@]})) || releases=(bookworm trixie)
((EUID == 0)) || fail "debootstrap and chroot are for root" "sudo tests/package.sh ${releases[*]}"

cd "$(dirname "${BASH_SOURCE[0]}")/.."
conf/deps.sh --package
server=build/deps/nats-server/newest/nats-server
[[ -x $server ]] || fail "$server is missing" "conf/deps.sh"
# shellcheck source=/dev/null
host=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
work=$(mktemp -d)
pids=()

# shellcheck disable=SC2317 # the trap calls it
end() {
  local status=$?
  stop_all
  rm -rf --one-file-system "$work"
  ((status == 0)) || echo "package.sh: stopped with exit code $status" >&2
}
stop_all() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait
  pids=()
}
trap end EXIT
trap 'exit 1' INT TERM

say() { printf '%s: %s\n' "$release" "$*"; }

quietly() { # command...
  "$@" >"$work/log" 2>&1 && return
  cat "$work/log" >&2
  return 1
}

# shellcheck source=tests/package/roots.sh
. tests/package/roots.sh

build_package() { # sets `package`, and `programs`, the directory of what uses it
  if [[ $release == "$host" ]]; then
    say "building on this machine"
    conf/package.sh
    cmake --build --preset release --target client sandbox
    package=$(echo build/package/credgate_*.deb)
    programs=build/release/tests
    return
  fi
  say "building in a fresh root"
  fresh_root build
  mkdir "$root/sources"
  git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- | tar -x -C "$root/sources"
  apt_in_root update
  in_root bash -c 'cd /sources && conf/package.sh && cmake --build --preset release --target client sandbox' |
    tee "$work/build-$release.log"
  cp "$root"/sources/build/package/credgate_*.deb "$root"/sources/build/release/tests/{client,sandbox} "$work"
  rm -rf --one-file-system "$root"
  package=$(echo "$work"/credgate_*.deb)
  programs=$work
}

# Every path, but for what apt, dpkg, systemctl and the test itself write.
files() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./sys -o -path ./tmp -o -path ./test \
    -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/nats -o -path ./run/systemd \
    -o -name '*-old' \) -prune -o -print | sort)
}
# What is in the configuration, the keys and the store.
kept() { (cd "$root" && find etc/credgate var/lib/credgate -type f ! -name lock.mdb -print0 | sort -z | xargs -0 sha256sum); }

free_port() { # range
  local port
  for port in $(shuf -i "$1" -n 50); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

wait_for() { # file text: until a line of the file has the text
  local i
  for ((i = 0; i < 200; i++)); do
    ! grep -qF -- "$2" "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  cat "$1" >&2
  fail "'$2' did not come within 20 seconds" "see above"
}

start() { # log view command...
  (become_in_root "${@:2}") >"$1" 2>&1 </dev/null &
  pids+=($!)
}

# As LoadCredential=keys:/etc/credgate/keys does: copies that belong to the service's user.
hand_over_keys() {
  in_root bash -ec '
    rm -rf /run/credentials/credgate.service
    mkdir -p /run/credentials/credgate.service
    for key in /etc/credgate/keys/*; do
      install -m 0400 -o credgate "$key" "/run/credentials/credgate.service/keys_${key##*/}"
    done
    chown credgate /run/credentials/credgate.service
    chmod 0500 /run/credentials/credgate.service'
}
# tests/sandbox puts on it the system call filters of the unit that is installed.
as_daemon=(setpriv --reuid=credgate --regid=credgate --init-groups --inh-caps=-all --bounding-set=-all
  env CREDENTIALS_DIRECTORY=/run/credentials/credgate.service
  SANDBOX_UNIT=/usr/lib/systemd/system/credgate.service /test/sandbox)

start_daemon() {
  hand_over_keys
  start "$work/daemon.log" subset=pid,hidepid=invisible "${as_daemon[@]}" credgate serve --instance 1 \
    --metrics "127.0.0.1:$(free_port 25000-29999)"
  daemon=${pids[-1]}
  wait_for "$work/daemon.log" event=ready
  quietly in_root credgate status
}
stop_daemon() {
  kill "$daemon"
  wait "$daemon" || fail "the daemon ended with exit code $?" "see $(cat "$work/daemon.log")"
}

client_ends_with() { # exit code
  local code=0
  in_root /test/client --url "nats://127.0.0.1:$port" --user "$id" --pass "$secret" --inbox-prefix "_CG.$id" \
    pub orders.1 hello >"$work/client.log" 2>&1 || code=$?
  ((code == $1)) || fail "the client ended with exit code $code, not $1: $(<"$work/client.log")" \
    "see the daemon's log: $(cat "$work/daemon.log")"
}
create() { # name: sets `id` and `secret`
  local said
  said=$(in_root credgate create "$1" --account APP --publish --receive --subjects 'orders.>' --json)
  id=$(grep -oE '"id":"CG[A-Z0-9]{18}"' <<<"$said" | head -n 1 | cut -d '"' -f 4)
  secret=$(grep -oE '"secret":"[^"]+"' <<<"$said" | cut -d '"' -f 4)
  [[ -n $id && -n $secret ]] || fail "create gave no id and secret" "see: ${said//$secret/…}"
}
owned() { # owner:mode path
  local is
  is=$(in_root stat -c %U:%a "$2") || fail "$2 is missing" "see above"
  [[ $is == "$1" ]] || fail "$2 is $is and not $1" "look at init, tmpfiles and the maintainer scripts"
}

check_installed() {
  say "installed: $(in_root credgate --version)"
  [[ $(in_root id -gn credgate) == credgate ]] || fail "there is no user credgate" "look at postinst"
  owned credgate:700 /var/lib/credgate
  owned root:755 /etc/credgate
  [[ -z $(ls -A "$root/etc/credgate") ]] || fail "the package brings a configuration" "init would refuse"
  in_root test ! -e /usr/bin/c++ || fail "the root has a compiler" "the test would not show what is missing"
  in_root systemd-analyze verify --man=no /usr/lib/systemd/system/credgate{,@}.service 2>"$work/verify.log" || true
  ! grep credgate "$work/verify.log" || fail "systemd-analyze verify: see above" "mend the unit"
  local score
  score=$(in_root systemd-analyze security --offline=true --threshold=10 credgate.service 2>/dev/null | tail -n 1) ||
    fail "$score" "close what was opened in the unit"
  say "$score"
  local status=0
  in_root "${as_daemon[@]}" credgate serve 2>"$work/unset.log" || status=$?
  ((status == 78)) || fail "serve without a configuration ended with $status" "$(<"$work/unset.log")"
}

use() {
  port=$(free_port 20000-24999)
  quietly in_root credgate init --listen "127.0.0.1:$port"
  owned root:700 /etc/credgate/keys
  owned root:600 /etc/credgate/keys/master.key
  owned credgate:700 /var/lib/credgate/store
  owned credgate:700 /var/lib/credgate/store.head
  ! in_root setpriv --reuid=credgate --regid=credgate --clear-groups cat /etc/credgate/keys/master.key 2>/dev/null ||
    fail "the daemon's user can read root's keys" "look at init"
  start "$work/server.log" "" /test/nats-server -c /etc/credgate/nats-server.conf
  wait_for "$work/server.log" 'Server is ready'
  start_daemon
  [[ $(stat -c %u "/proc/$daemon") == $(stat -c %u "$root/var/lib/credgate") ]] ||
    fail "the daemon runs as another user than credgate" "look at this test"
  grep -q '^Seccomp:.2' "/proc/$daemon/status" || fail "the daemon runs without filters" "look at this test"
  create shop
  client_ends_with 0
  quietly in_root credgate revoke shop --yes
  client_ends_with 1
  wait_for "$work/daemon.log" 'reason="revoked"'
  stop_daemon
  say "init, serve, create, let in, revoke, refused, stop: good"
}

upgrade() { # to a package that is the same but for its version
  local before tree=$work/repacked-$release
  before=$(kept)
  dpkg-deb -R "$package" "$tree"
  sed -i -E 's/^(Version: .*)$/\1+higher/' "$tree/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$tree" "$root/test/higher.deb" >/dev/null
  apt_in_root install /test/higher.deb
  [[ $(in_root dpkg-query -W -f '${Version}' credgate) == *+higher ]] || fail "it was not upgraded" "see above"
  [[ $(kept) == "$before" ]] || fail "the upgrade changed configuration, keys or store" "compare: $before"
  start_daemon
  create after-upgrade
  client_ends_with 0
  stop_daemon
  say "upgraded: configuration, keys and store as before, and it serves"
}

# There is no systemd in the root: what it is asked is written down.
fake_systemd() {
  mkdir -p "$root/run/systemd/system"
  local program
  for program in systemctl deb-systemd-invoke; do
    printf '#!/bin/sh\necho "%s $*" >>/test/calls\n' "$program" >"$root/usr/local/sbin/$program"
    chmod 0755 "$root/usr/local/sbin/$program"
  done
  echo '[ "$1" != list-units ] || echo "credgate.service loaded active running credgate"' >>"$root/usr/local/sbin/systemctl"
  : >"$root/test/calls"
}
end_fake_systemd() {
  rm -rf "$root/run/systemd" "$root"/usr/local/sbin/{systemctl,deb-systemd-invoke}
}

# dpkg itself, as apt has a PATH of its own.
upgrade_with_wrong_configuration() {
  fake_systemd
  local configuration=$root/etc/credgate/credgate.conf
  cp -p "$configuration" "$work/credgate.conf"
  sed -i 's/"accounts"/"acounts"/' "$configuration"
  quietly in_root dpkg -i /test/higher.deb
  ! grep deb-systemd-invoke "$root/test/calls" || fail "the daemon was restarted with a wrong configuration" "look at postinst"
  cp -p "$work/credgate.conf" "$configuration"
  quietly in_root dpkg -i /test/higher.deb
  grep -qx 'deb-systemd-invoke try-restart credgate.service' "$root/test/calls" ||
    fail "the daemon was not restarted with a good configuration" "look at postinst"
  end_fake_systemd
  say "upgraded with a wrong configuration: the old daemon goes on"
}

remove_and_purge() {
  local before wants=$root/etc/systemd/system/multi-user.target.wants
  before=$(kept)
  apt_in_root remove credgate
  in_root test ! -e /usr/bin/credgate || fail "credgate is still there after its removal" "look at dpkg -L"
  [[ $(kept) == "$before" ]] || fail "the removal changed configuration, keys or store" "look at postrm"
  mkdir -p "$wants"
  ln -s /lib/systemd/system/credgate.service "$wants/credgate.service"
  fake_systemd
  quietly in_root dpkg -i /test/higher.deb
  grep -qx 'deb-systemd-invoke start credgate.service' "$root/test/calls" ||
    fail "what is enabled was not started after a removal and a new installation" "look at preinst and postinst"
  end_fake_systemd
  rm "$wants/credgate.service"
  rmdir --ignore-fail-on-non-empty "$wants"
  apt_in_root purge credgate
  ! in_root getent passwd credgate || fail "the user credgate is left" "look at postrm"
  ! in_root getent group credgate || fail "the group credgate is left" "look at postrm"
  rm -rf "$root/run/credentials"
  diff <(echo "$installed_before") <(files) || fail "the purge left this behind, or took it along" "look at postrm"
  say "removed, purged: nothing is left"
}

for release in "${releases[@]}"; do
  build_package
  fresh_root use
  mkdir "$root/test"
  cp "$package" "$root/test/credgate.deb"
  cp -L "$server" "$programs"/{client,sandbox} "$root/test/"
  apt_in_root update
  # What it depends on stays when it goes, so it is there before.
  apt_in_root satisfy "$(dpkg-deb -f "$package" Depends)"
  installed_before=$(files)
  apt_in_root install /test/credgate.deb
  check_installed
  use
  upgrade
  upgrade_with_wrong_configuration
  stop_all
  remove_and_purge
  rm -rf --one-file-system "$root"
done
echo "packages for ${releases[*]}: good"
