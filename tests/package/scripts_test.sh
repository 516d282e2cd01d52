#!/usr/bin/env bash
# Runs the package's scripts, as dpkg does, on a machine that is made up: what systemd, credgate and the
# helpers are asked is written down, and what they answer is the case's. As root.
# shellcheck disable=SC2016 # what is in single quotes is for other programs to expand
set -euo pipefail

fail() { # what went wrong, what to do next
  printf 'scripts_test.sh: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [[ ${1-} != inside ]]; then
  ((EUID == 0)) || fail "mounts are for root" "sudo tests/package/scripts_test.sh"
  exec unshare --mount "$BASH" "${BASH_SOURCE[0]}" inside
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mount -t tmpfs none /run
mkdir -p /etc/systemd/system /run/systemd/system
mount -t tmpfs none /etc/systemd/system
export work PATH=$work/bin:$PATH

# What the cases set: files in $work.
#   active         the units that run, one a line
#   answering      those that answer; a restart moves a unit there unless it is in `lame`
#   check          what `credgate check` says; it fails unless this is empty
mkdir "$work/bin"
fake() { # program: its body on standard input
  { printf '#!/usr/bin/env bash\nprintf "%%s\\n" "%s $*" >>"$work/calls"\n' "$1"; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
for program in systemd-sysusers systemd-tmpfiles deb-systemd-helper sleep; do fake "$program" </dev/null; done
fake credgate <<'END'
printf 'credentials %s\n' "$CREDENTIALS_DIRECTORY" >>"$work/calls"
cat "$work/check" >&2
[[ ! -s $work/check ]] || exit 78
END
fake systemctl <<'END'
case $1 in
  list-units) sed 's/$/ loaded active running credgate/' "$work/active" ;;
  show)
    if grep -qx "${@: -1}" "$work/answering"; then
      echo "StatusText=connected to nats-server at nats://127.0.0.1:4222"
    else
      echo "StatusText=connected to nats-server at nats://127.0.0.1:4222; not ready: no self-probe succeeded yet"
    fi
    ;;
esac
END
fake deb-systemd-invoke <<'END'
[[ $1 != try-restart ]] || sed -i "/^$2\$/d" "$work/answering"
[[ $1 != try-restart ]] || grep -qx "$2" "$work/lame" || echo "$2" >>"$work/answering"
END

begin() { # unit...: those that run, and answer
  : >"$work/calls"
  : >"$work/check"
  : >"$work/lame"
  printf '%s\n' "$@" >"$work/active"
  cp "$work/active" "$work/answering"
}
script() { # name argument...
  conf/package/"$1" "${@:2}" 2>"$work/said" || fail "$* ended with $?" "see: $(<"$work/said")"
}
asked() { grep -xF -- "$1" "$work/calls" >/dev/null || fail "nobody asked: $1" "see: $(<"$work/calls")"; }
not_asked() { ! grep -F -- "$1" "$work/calls" || fail "this was asked all the same" "look at the script"; }
said() { grep -F -- "$1" "$work/said" >/dev/null || fail "not said: $1" "said was: $(<"$work/said")"; }

# The words of the status, which postinst looks for.
for words in '"connected to nats-server at "' '"; not ready: "'; do
  grep -qF "$words" gateway/daemon/daemon.cc || fail "the daemon's status has no $words" "mend postinst"
done

begin credgate.service
script preinst upgrade 0.1.0-1 0.1.1-1
script postinst configure 0.1.0-1
asked "deb-systemd-invoke try-restart credgate.service"
[[ ! -s $work/said ]] || fail "an upgrade said something: $(<"$work/said")" "look at postinst"

begin credgate@1.service credgate@2.service
mkdir -p /run/credentials/credgate@1.service
script postinst configure 0.1.0-1
asked "credentials /run/credentials/credgate@1.service"
asked "credentials "
asked "deb-systemd-invoke try-restart credgate@1.service"
asked "deb-systemd-invoke try-restart credgate@2.service"

begin credgate@1.service credgate@2.service
echo credgate@1.service >"$work/lame"
script postinst configure 0.1.0-1
asked "deb-systemd-invoke try-restart credgate@1.service"
not_asked "try-restart credgate@2.service"
said "credgate@1.service does not answer after the upgrade"

# The only one goes on where the new version would not start.
begin credgate.service
echo 'credgate: /etc/credgate/credgate.conf:3: acounts: unknown key' >"$work/check"
script postinst configure 0.1.0-1
not_asked "deb-systemd-invoke"
said "credgate.service was not restarted"
said "acounts: unknown key"
said "systemctl restart credgate.service"

# Removed, and installed again.
begin credgate.service
script prerm remove
asked "deb-systemd-invoke stop credgate.service"
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -s /lib/systemd/system/credgate.service /lib/systemd/system/credgate@.service /etc/systemd/system/multi-user.target.wants
mv /etc/systemd/system/multi-user.target.wants/credgate@{,3}.service
begin
script preinst install 0.1.0-1
script postinst configure 0.1.0-1
asked "deb-systemd-invoke start credgate.service"
asked "deb-systemd-invoke start credgate@3.service"

# What was stopped on purpose stays so.
begin
script preinst upgrade 0.1.0-1 0.1.1-1
script postinst configure 0.1.0-1
not_asked "deb-systemd-invoke"

# Nothing is enabled, and nothing starts.
rm -r /etc/systemd/system/multi-user.target.wants
begin
script preinst install
script postinst configure ""
not_asked "deb-systemd-invoke"
echo "the package's scripts: good"
