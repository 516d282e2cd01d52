# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # single quotes are for other programs to expand; names are set there
# Fresh Debian systems in directories, for tests/package.sh, which has `work`, `host`, `release`, `fail`
# and `quietly`. Sets `root`, in which everything here works.

# apt reads the machine's sources here, so it understands every format and option of theirs.
mirrors() {
  apt-get update --print-uris 2>/dev/null |
    sed -nE "s,^'(.*)/dists/($host|stable|oldstable)/InRelease'.*,\1,p" | awk '!seen[$0]++'
}

# A base of the release, made once and copied for each root.
base_of_release() {
  local mirror
  [[ -d $work/base-$release ]] && return
  while read -r mirror; do
    quietly debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
      "$release" "$work/base-$release" "$mirror" && break
    rm -rf --one-file-system "$work/base-$release"
  done < <(mirrors)
  [[ -d $work/base-$release ]] || fail "no Debian mirror among the machine's apt sources gave $release" \
    "see above; mend the sources or the network"
  # The machine's way to the network: proxies and the like.
  apt-config dump | grep -E '^Acquire::(http|https)::' >"$work/base-$release/etc/apt/apt.conf.d/90machine" || true
  echo 'APT::Install-Recommends "false"; APT::Sandbox::User "root";' >"$work/base-$release/etc/apt/apt.conf.d/91test"
  cp /etc/resolv.conf "$work/base-$release/etc/resolv.conf"
}

fresh_root() { # name
  base_of_release
  root=$work/$1-$release
  cp -a "$work/base-$release" "$root"
}

# With /proc and /dev in a mount namespace of the command's own, so that nothing stays mounted; the PID
# namespace is the machine's, as it is under systemd. Becomes the command: its pid is the program's. With
# a view, it sees what a unit does: nothing to write but what is its own, and no other processes.
become_in_root() { # view command...
  exec unshare --mount bash -ec '
    if [[ -n $1 ]]; then
      mount --bind "$0" "$0"
      for own in var/lib/credgate run/credgate; do mount --bind "$0/$own" "$0/$own"; done
      mount -o remount,bind,ro "$0"
    fi
    mount -t proc ${1:+-o "$1"} proc "$0/proc"
    mount --rbind /dev "$0/dev"
    exec chroot "$0" "${@:2}"' "$root" "$1" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
    HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${@:2}"
}
in_root() { (become_in_root "" "$@") </dev/null; }

apt_in_root() { quietly in_root apt-get -q -y "$@" || fail "apt-get $* failed in $release" "see above"; }
