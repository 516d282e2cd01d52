#pragma once
// What can stand at a place of the command line.

#include <string>
#include <vector>

#include "gateway/cli/command.h"
#include "gateway/cli/context.h"

namespace gateway::cli {

struct Candidates {
  struct Word {
    std::string text;
    std::string help;  // empty for names
  };
  bool files = false;  // the shell knows the files
  std::vector<Word> words;
};

// `words`: the command line after the program's name; the last one is being typed, and may be
// empty. Names of credentials, roles, accounts, tags, regions and keys are those of the
// configuration that the words name, or of its remote gateway. Never throws because of them:
// without, there are none.
Candidates complete(const App& app, std::vector<std::string> words, const std::string& config);

}  // namespace gateway::cli
