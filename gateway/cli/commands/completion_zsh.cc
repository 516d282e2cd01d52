#include "gateway/cli/commands/completion_zsh.h"

#include <string_view>

#include "auth/base/text.h"

namespace gateway::cli {
namespace {

// In zsh a word of an array is one word, whatever is in it, and compadd quotes what it inserts.
constexpr std::string_view kZshHead =
    R"zsh(#compdef credgate
# zsh completion for credgate; made by: credgate completion zsh
_credgate() {
  local word command
  local -i i names=0 files=0
  local -a config offers
  case ${words[CURRENT-1]} in
    --config|--context|--nats-config|--dir|--out|--cert|--creds|--nkey|--tlsca|--password-file|\
    --user-password-file|--system-creds) _files; return ;;
    --kind) offers=(key password token nkey creds cert) ;;
    --mode) offers=(config operator) ;;
    --type|--connection-types) offers=(STANDARD WEBSOCKET LEAFNODE MQTT) ;;
    --status) offers=(active suspended expired not_yet_valid revoked) ;;
    keys) offers=(list add promote retire) ;;
    throttle) offers=(list clear) ;;
    completion) offers=(bash zsh) ;;
    add|promote|retire) (( ${words[(I)keys]} )) && offers=(issuer xkey master) ;;
  esac
  if (( $#offers )); then compadd -- $offers; return; fi
  for ((i = 2; i < CURRENT; i++)); do
    word=${words[i]}
    if [[ $word == --config ]]; then config=(--config ${(Q)words[i+1]}); ((i++))
    elif [[ $word != -* && -z $command ]]; then command=$word; fi
  done
  case $command in
)zsh";

constexpr std::string_view kZshTail = R"zsh(  esac
  compadd -- $offers
  (( files )) && _files
  (( names )) && [[ ${words[CURRENT]} != -* ]] &&
    compadd -- ${(f)"$(credgate $config list --quiet 2>/dev/null)"}
  return 0
}
# Read from a directory of $fpath it is the function's body; else it is the function's definition.
if [[ $funcstack[1] == _credgate ]]; then _credgate "$@"; else compdef _credgate credgate; fi
)zsh";

}  // namespace

std::string zsh_completion(const std::vector<App::Known>& known) {
  const std::string global = auth::join(known.front().options, " ");
  std::string commands;
  std::string cases;
  for (const App::Known& command : known) {
    if (command.name.empty()) continue;
    commands += command.name + " ";
    cases += "    " + command.name + ") offers=(" + auth::join(command.options, " ") + " " +
             global + ")" + (command.takes_credential ? "; names=1" : "") +
             (command.takes_file ? "; files=1" : "") + " ;;\n";
  }
  cases += "    '') offers=(" + commands + global + ") ;;\n";
  return std::string(kZshHead) + cases + std::string(kZshTail);
}

}  // namespace gateway::cli
