#include <iostream>
#include <memory>
#include <string>

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

// Made from the commands themselves, so that it can't lag behind them.
std::string bash(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += " " + command->get_name();
    cases += "    " + command->get_name() + ") words=\"" + options_of(*command) + "\"" +
             (takes_credential(*command) ? "; names=1" : "") + " ;;\n";
  }
  return "# bash completion for credgate; made by: credgate completion bash\n"
         "_credgate() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word command= "
         "words= names= config=()\n"
         "  COMPREPLY=()\n"
         "  case $prev in\n"
         "    --config|--dir|--out) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
         "    --kind) COMPREPLY=($(compgen -W 'key nkey' -- \"$cur\")); return ;;\n"
         "    --status) COMPREPLY=($(compgen -W 'active suspended revoked' -- \"$cur\")); return "
         ";;\n"
         "    --inbox) COMPREPLY=($(compgen -W 'private shared' -- \"$cur\")); return ;;\n"
         "    --connection-types) COMPREPLY=($(compgen -W 'STANDARD WEBSOCKET LEAFNODE MQTT' -- "
         "\"$cur\")); return ;;\n"
         "  esac\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    if [[ $word == --config ]]; then config=(--config \"${COMP_WORDS[i+1]}\"); ((i++))\n"
         "    elif [[ $word != -* && -z $command ]]; then command=$word; fi\n"
         "  done\n"
         "  case $command in\n"
         "    '') words=\"" +
         commands + options_of(app) + "\" ;;\n" + cases +
         "  esac\n"
         "  [[ -n $command ]] && words+=\"" +
         options_of(app) +
         "\"\n"
         "  [[ -n $names && $cur != -* ]] && words+=\" $(credgate \"${config[@]}\" list --quiet "
         "2>/dev/null)\"\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\n"
         "complete -F _credgate credgate\n";
}

}  // namespace

void add_completion(CLI::App& app) {
  auto* command = app.add_subcommand("completion", "Print a script for tab completion");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->footer("Example:\n  source <(credgate completion bash)");
  command->callback([&app] { std::cout << bash(app); });
}

}  // namespace gateway::cli
