#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/cli.h"
#include "gateway/cli/commands/completion_zsh.h"

namespace gateway::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += " " + word;
  return text;
}

constexpr std::string_view kHead =
    R"bash(# bash completion for credgate; made by: credgate completion bash
_credgate() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local i word command= words= names= config=()
  COMPREPLY=()
  case $prev in
    --config|--nats-config|--dir|--out|--cert|--password-file|--system-creds) compopt -o default 2>/dev/null; return ;;
    --kind) COMPREPLY=($(compgen -W 'key password token nkey creds cert' -- "$cur")); return ;;
    --mode) COMPREPLY=($(compgen -W 'config operator' -- "$cur")); return ;;
    --type) COMPREPLY=($(compgen -W 'STANDARD WEBSOCKET LEAFNODE MQTT' -- "$cur")); return ;;
    keys) COMPREPLY=($(compgen -W 'list add promote retire' -- "$cur")); return ;;
    throttle) COMPREPLY=($(compgen -W 'list clear' -- "$cur")); return ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh' -- "$cur")); return ;;
    add|promote|retire)
      [[ " ${COMP_WORDS[*]} " == *" keys "* ]] && {
        COMPREPLY=($(compgen -W 'issuer xkey master' -- "$cur")); return; } ;;
    --status) COMPREPLY=($(compgen -W 'active suspended expired not_yet_valid revoked' -- "$cur")); return ;;
    --connection-types)
      COMPREPLY=($(compgen -W 'STANDARD WEBSOCKET LEAFNODE MQTT' -- "$cur")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == --config ]]; then config=(--config "${COMP_WORDS[i+1]}"); ((i++))
    elif [[ $word != -* && -z $command ]]; then command=$word; fi
  done
  case $command in
)bash";

constexpr std::string_view kTail = R"bash(  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ -n $names && $cur != -* ]] || return 0
  # Names are other people's text: never through compgen -W, which would run a $(…) in one.
  while IFS= read -r word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
  done < <(credgate "${config[@]}" list --quiet 2>/dev/null)
  return 0
}
complete -F _credgate credgate
)bash";

// Made from the commands themselves, so that it can't lag behind them.
std::string bash(const App& app) {
  const auto known = app.known();
  const std::string global = joined(known.front().options);
  std::string commands;
  std::string cases;
  for (const App::Known& command : known) {
    if (command.name.empty()) continue;
    commands += " " + command.name;
    cases += "    " + command.name + ") words=\"" + joined(command.options) + global + "\"" +
             (command.takes_credential ? "; names=1" : "") +
             (command.takes_file ? "; compopt -o default 2>/dev/null" : "") + " ;;\n";
  }
  cases += "    '') words=\"" + commands + global + "\" ;;\n";
  return std::string(kHead) + cases + std::string(kTail);
}

}  // namespace

void add_completion(App& app) {
  Command command = app.add("completion", "Print a script for tab completion");
  const auto shell = std::make_shared<std::string>();
  command.word("SHELL", "bash or zsh", *shell);
  command.footer("Example:\n  source <(credgate completion bash)");
  command.run([&app, shell] {
    if (*shell != "bash" && *shell != "zsh") {
      throw OperationError(Code::usage, "SHELL: must be bash or zsh");
    }
    std::cout << (*shell == "bash" ? bash(app) : zsh_completion(app.known()));
  });
}

}  // namespace gateway::cli
