#!/usr/bin/env bash
# From a clean Debian 12 or 13 to a nats-server that asks credgate about every connection; --help has
# the details.
set -euo pipefail

usage() {
  cat <<'END'
usage: conf/quickstart.sh [DIR]

Installs what is missing, builds credgate, makes keys, a store and configurations in DIR (default: a
temporary directory), starts nats-server and credgate on 127.0.0.1, and shows a client being let in,
updated and revoked. At a terminal it then stays up until Ctrl-C, for you to try; elsewhere, or with
CI=true, it ends. It leaves no process behind, and no file outside DIR and build/.
END
}

case "${1-}" in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac
(($# <= 1)) || { usage >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
credgate=$root/build/release/credgate
client=$root/build/release/tests/client
server=$root/build/deps/nats-server/newest/nats-server
dir=${1-}
temporary=
pids=()

# shellcheck disable=SC2317 # the trap calls it
end() {
  local status=$? pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  [[ -z $temporary ]] || rm -rf "$temporary"
  ((status == 0)) || echo "quickstart: stopped with exit code $status" >&2
}
trap end EXIT
trap 'exit 0' INT TERM

step() { printf '\n== %s\n' "$*"; }
show() { # command...: prints it as one would type it, then runs it
  local word line='$'
  for word in "${@//$root\/}"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=-]+$ ]]; then line+=" $word"; else line+=" '$word'"; fi
  done
  printf '%s\n' "$line"
  "$@"
}
fail() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

# Runs a command that must end with this exit code, and says what came back.
expect() { # code command...
  local code=0 wanted=$1
  shift
  show "$@" || code=$?
  ((code == wanted)) || fail "that ended with exit code $code, expected $wanted"
}

wait_for() { # file text: until a line of the file has the text
  local i
  for ((i = 0; i < 100; i++)); do
    grep -qF -- "$2" "$1" 2>/dev/null && return
    sleep 0.1
  done
  cat "$1" >&2
  fail "'$2' did not come within 10 seconds"
}

free_port() {
  local port
  for port in 4222 $(shuf -i 20000-40000 -n 50); do
    if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail "no free port on 127.0.0.1"
}

step "What it needs"
show "$root/conf/deps.sh"

step "Build"
(cd "$root" && show cmake --preset release --log-level=WARNING &&
  show cmake --build --preset release --target credgate client)

step "Keys, a store, and configurations for credgate and nats-server"
if [[ -z $dir ]]; then
  temporary=$(mktemp -d)
  dir=$temporary/try
fi
listen=127.0.0.1:$(free_port)
url=nats://$listen
show "$credgate" init --dir "$dir" --listen "$listen"
dir=$(cd "$dir" && pwd)
export CREDGATE_CONFIG=$dir/credgate.conf

step "Start nats-server, then credgate"
printf '$ nats-server -c %s &\n$ credgate serve &\n' "$dir/nats-server.conf"
"$server" -c "$dir/nats-server.conf" >"$dir/nats-server.log" 2>&1 &
pids+=($!)
"$credgate" serve >"$dir/credgate.log" 2>&1 &
pids+=($!)
wait_for "$dir/credgate.log" event=admin_connected
wait_for "$dir/credgate.log" event=ready
show "$credgate" status

step "Create a credential that may publish and receive"
show "$credgate" create shop --publish --receive --subjects 'orders.>' --out "$dir/shop.txt"
cat "$dir/shop.txt"
id=$(sed -nE 's/^ +id +//p' "$dir/shop.txt")
secret=$(sed -nE 's/^ +secret +//p' "$dir/shop.txt")
shop=("$client" --url "$url" --user "$id" --pass "$secret" --inbox-prefix "_CG.$id")

step "Allowed: a client connects with it and passes a message"
"${shop[@]}" sub 'orders.>' 1 20 >"$dir/received.txt" &
subscriber=$!
wait_for "$dir/received.txt" subscribed
expect 0 "${shop[@]}" pub orders.1 'one coffee'
wait "$subscriber" || fail "the message did not arrive"
tail -n 1 "$dir/received.txt"

step "Update: it may not publish any more. The connections that follow are refused it"
show "$credgate" update shop --no-publish
expect 3 "${shop[@]}" pub orders.2 'another coffee'

step "Revoke: it may not even connect"
show "$credgate" revoke shop --reason 'the quickstart ends here' --yes
expect 1 "${shop[@]}" connect

step "What credgate says of it"
show "$credgate" history
grep -E 'event=(granted|denied)' "$dir/credgate.log"

step "Done: allowed, refused its publish after the update, refused at the door after the revocation"
if [[ ${CI-} == true || ! -t 0 || ! -t 1 ]]; then exit 0; fi
cat <<END
Still up, until Ctrl-C. In another terminal:
  export CREDGATE_CONFIG=$CREDGATE_CONFIG
  $credgate create mine --publish --receive --subjects 'hello.>'
and connect to $url with the lines that it prints.
END
wait -n "${pids[@]}" || true
fail "nats-server or credgate ended; their logs are in $dir"
