#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/cli/cli.h"

namespace gateway::cli {
namespace {

std::string options_of(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      words += " --" + name;
    for (const std::string& name : option->get_fnames())
      words += " --" + name;
  }
  return words;
}

bool takes_credential(const CLI::App& command) {
  return command.get_option_no_throw("CREDENTIAL") != nullptr;
}

constexpr std::string_view kHead =
    R"bash(# bash completion for credgate; made by: credgate completion bash
_credgate() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local i word command= words= names= config=()
  COMPREPLY=()
  case $prev in
    --config|--dir|--out) compopt -o default 2>/dev/null; return ;;
    --kind) COMPREPLY=($(compgen -W 'key nkey' -- "$cur")); return ;;
    --status) COMPREPLY=($(compgen -W 'active suspended revoked' -- "$cur")); return ;;
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
std::string bash(const CLI::App& app) {
  const std::string global = options_of(app);
  std::string commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += " " + command->get_name();
    cases += "    " + command->get_name() + ") words=\"" + options_of(*command) + global + "\"" +
             (takes_credential(*command) ? "; names=1" : "") + " ;;\n";
  }
  cases += "    '') words=\"" + commands + global + "\" ;;\n";
  return std::string(kHead) + cases + std::string(kTail);
}

}  // namespace

void add_completion(CLI::App& app) {
  auto* command = app.add_subcommand("completion", "Print a script for tab completion");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash")
      ->type_name("")
      ->required()
      ->check(CLI::IsMember({"bash"}));
  command->footer("Example:\n  source <(credgate completion bash)");
  command->callback([&app] { std::cout << bash(app); });
}

}  // namespace gateway::cli
