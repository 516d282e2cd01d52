#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/cli.h"
#include "gateway/cli/commands/completion_words.h"

namespace gateway::cli {
namespace {

// The scripts ask the program, so they cannot lag behind it. Names are other people's text: no
// script evaluates them.
constexpr std::string_view kBash =
    R"bash(# bash completion for credgate; made by: credgate completion bash
_credgate() {
  local answer=() line word
  COMPREPLY=()
  mapfile -t answer < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
  if [[ ${answer[0]} == files ]]; then compopt -o default 2>/dev/null; return 0; fi
  for line in "${answer[@]:1}"; do
    word=${line%%$'\t'*}
    [[ $word =~ ^[[:alnum:]_,.:=@%+/-]+$ ]] || word=$(printf %q "$word")
    COMPREPLY+=("$word")
  done
  return 0
}
complete -F _credgate credgate
)bash";

constexpr std::string_view kZsh = R"zsh(#compdef credgate
# zsh completion for credgate; made by: credgate completion zsh
_credgate() {
  local -a answer offers
  answer=("${(@f)$(${words[1]} __complete "${(@Q)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ ${answer[1]} == files ]]; then _files; return; fi
  offers=(${${answer[2,-1]}%%$'\t'*})
  (( $#offers )) && compadd -- $offers
  return 0
}
# Read from a directory of $fpath it is the function's body; else it is the function's definition.
if [[ $funcstack[1] == _credgate ]]; then _credgate "$@"; else compdef _credgate credgate; fi
)zsh";

constexpr std::string_view kFish =
    R"fish(# fish completion for credgate; made by: credgate completion fish
function __credgate_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l answer ($before[1] __complete $before "$typed" 2>/dev/null)
    if test "$answer[1]" = files
        __fish_complete_path "$typed"
        return
    end
    set -e answer[1]
    for line in $answer
        printf '%s\n' $line
    end
end
complete -c credgate -f -a '(__credgate_complete)'
)fish";

std::string_view script_for(std::string_view shell) {
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : kBash;
}

}  // namespace

void print_completion(const App& app, const std::vector<std::string>& words,
                      const std::string& config) {
  const Candidates found = complete(app, words, config);
  std::cout << (found.files ? "files" : "words") << '\n';
  for (const Candidates::Word& word : found.words)
    std::cout << word.text << (word.help.empty() ? "" : "\t" + word.help) << '\n';
}

void add_completion(App& app) {
  Command command = app.add("completion", "Print a script for tab completion");
  const auto shell = std::make_shared<std::string>();
  command.required_choice("SHELL", "bash, zsh or fish", {"bash", "zsh", "fish"}, *shell);
  command.footer(
      "The Debian package installs all three. Without it:\n"
      "  source <(credgate completion bash)\n"
      "in ~/.bashrc; for zsh the same with zsh after `compinit` in ~/.zshrc, and for fish:\n"
      "Example:\n"
      "  credgate completion fish > ~/.config/fish/completions/credgate.fish");
  command.run([shell] { std::cout << script_for(*shell); });
}

}  // namespace gateway::cli
