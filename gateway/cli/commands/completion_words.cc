#include "gateway/cli/commands/completion_words.h"

#include <algorithm>
#include <array>
#include <exception>
#include <set>
#include <string_view>
#include <utility>

#include "gateway/cli/run_operation.h"

namespace gateway::cli {
namespace {

using Word = Candidates::Word;
using Json = nlohmann::ordered_json;

constexpr int kPages = 20;  // of a thousand credentials: beyond, nobody chooses from a list

// What the words before the last one say.
struct Line {
  const App::Known* command = nullptr;
  const App::KnownOption* pending = nullptr;  // its value is being typed
  std::vector<std::string> arguments;         // positional ones
  Context context;
};

bool has(const App::KnownOption& option, std::string_view name) {
  return std::ranges::find(option.names, name) != option.names.end();
}

const App::KnownOption* find_option(const std::vector<App::Known>& known, const App::Known* command,
                                    std::string_view name) {
  for (const App::Known* at : {command, &known.front()}) {
    if (at == nullptr) continue;
    for (const App::KnownOption& option : at->options) {
      if (has(option, name)) return &option;
    }
  }
  return nullptr;
}

// The options that say which store is meant.
void note_option(Context& context, std::string_view name, const std::string& value) {
  RemoteOptions& remote = context.remote;
  const std::pair<std::string_view, std::string*> places[] = {
      {"--config", &context.config},
      {"--server", &remote.server},
      {"--context", &remote.context_file},
      {"--user", &remote.user},
      {"--user-password-file", &remote.password_file},
      {"--creds", &remote.creds},
      {"--nkey", &remote.nkey},
      {"--inbox-prefix", &remote.inbox_prefix},
      {"--tlsca", &remote.tlsca}};
  for (const auto& [option, into] : places) {
    if (option == name) *into = value;
  }
}

void read_word(Line& line, const std::vector<App::Known>& known, const std::string& word) {
  if (word == "=" && line.pending != nullptr) return;  // bash takes --kind=key apart
  if (line.pending != nullptr) {
    note_option(line.context, line.pending->names.back(), word);
    line.pending = nullptr;
    return;
  }
  if (word.starts_with('-')) {
    const auto mark = word.find('=');
    const App::KnownOption* option = find_option(known, line.command, word.substr(0, mark));
    if (option == nullptr || option->shape.empty()) return;
    if (mark == word.npos) line.pending = option;
    if (mark != word.npos) note_option(line.context, option->names.back(), word.substr(mark + 1));
    return;
  }
  if (line.command != nullptr) return line.arguments.push_back(word);
  const auto at = std::ranges::find(known, word, &App::Known::name);
  if (at != known.end()) line.command = &*at;
}

// Calls `each` with every credential that is not revoked.
template <class Each>
void each_credential(const Context& context, Each each) {
  if (context.remote.password_file == "-") return;  // the shell's own input
  nlohmann::json body = {{"limit", std::uint64_t{1000}}};
  for (int page = 0; page < kPages; ++page) {
    const Json found = ask(context, "list", "", body);
    for (const Json& c : found.at("credentials")) {
      if (c.at("status") != "revoked") each(c);
    }
    body["after"] = found.at("after");
    if (body["after"] == "") return;
  }
}

std::set<std::string> role_names(const Context& context) {
  std::set<std::string> names;
  if (context.remote.password_file == "-") return names;  // as above
  nlohmann::json body = {{"limit", std::uint64_t{1000}}};
  for (int page = 0; page < kPages; ++page) {
    const Json found = ask(context, "list_roles", "", body);
    for (const Json& role : found.at("roles"))
      names.insert(text_at(role, "name"));
    body["after"] = found.at("after");
    if (body["after"] == "") break;
  }
  return names;
}

std::set<std::string> stored_words(const Context& context, std::string_view shape) {
  std::set<std::string> words;
  if (shape == "ACCOUNT" && !context.remote.given()) {
    const Config config = load_config(context.config);
    words.insert(config.accounts.begin(), config.accounts.end());
    return words;
  }
  if (shape == "ROLE") return role_names(context);
  each_credential(context, [&](const Json& c) {
    if (shape == "CREDENTIAL") words.insert(text_at(c, "name"));
    if (shape == "ACCOUNT") words.insert(text_at(c, "account"));
    if (shape == "TAG" || shape == "REGION") {
      for (const Json& item : c.at(shape == "TAG" ? "tags" : "regions"))
        words.insert(item.get<std::string>());
    }
  });
  return words;
}

// `keys promote ROLE NAME`: the names of that role.
std::vector<std::string> key_names(const Line& line) {
  const Config config = load_config(line.context.config);
  const std::string role = line.arguments.size() < 2 ? "" : line.arguments[1];
  if (role == "issuer") return config.issuers;
  if (role == "xkey") return config.xkeys;
  return role == "master" ? config.master_keys : std::vector<std::string>{};
}

bool is_file(std::string_view shape) {
  constexpr std::array<std::string_view, 4> kFiles = {"FILE", "DIR", "DIRECTORY", "NAME:FILE"};
  return std::ranges::find(kFiles, shape) != kFiles.end();
}

Candidates values_of(const Line& line, const App::KnownOption& what) {
  Candidates found{.files = is_file(what.shape), .words = {}};
  const auto add = [&](const auto& words) {
    for (const std::string& word : words)
      found.words.push_back({word, ""});
  };
  add(what.values);
  if (!what.values.empty() || found.files) return found;
  try {
    constexpr std::array<std::string_view, 5> kStored = {"CREDENTIAL", "ACCOUNT", "ROLE", "TAG",
                                                         "REGION"};
    const bool keys = line.command != nullptr && line.command->name == "keys";
    if (keys && what.shape == "NAME") add(key_names(line));
    if (std::ranges::find(kStored, what.shape) != kStored.end())
      add(stored_words(line.context, what.shape));
  } catch (const std::exception&) {
    // The command itself says what is wrong.
  }
  return found;
}

void add_options(const App::Known& of, std::vector<Word>& words) {
  for (const App::KnownOption& option : of.options) {
    for (const std::string& name : option.names) {
      if (name.starts_with("--")) words.push_back({name, option.help});
    }
  }
}

Candidates unfiltered(const Line& line, const std::vector<App::Known>& known, bool option) {
  if (line.pending != nullptr) return values_of(line, *line.pending);
  Candidates found;
  const App::Known& global = known.front();
  if (option || line.command == nullptr) {
    if (line.command != nullptr) add_options(*line.command, found.words);
    if (line.command == nullptr && !option) {
      for (const App::Known& command : known) {
        if (!command.name.empty()) found.words.push_back({command.name, command.help});
      }
      return found;
    }
    const bool all = line.command == nullptr || works_remotely(line.command->name);
    if (all) add_options(global, found.words);
    if (!all) found.words.insert(found.words.end(), {{"--config", ""}, {"--json", ""}});
    return found;
  }
  const std::size_t at = line.arguments.size();
  if (at >= line.command->positionals.size()) return found;
  return values_of(line, line.command->positionals[at]);
}

}  // namespace

Candidates complete(const App& app, std::vector<std::string> words, const std::string& config) {
  const std::vector<App::Known> known = app.known();
  if (words.empty()) words.emplace_back();
  std::string typed = std::move(words.back());
  words.pop_back();
  if (!words.empty() && words.front() == "help") words.erase(words.begin());
  Line line;
  line.context.config = config;
  for (const std::string& word : words)
    read_word(line, known, word);
  if (typed == "=") typed.clear();
  std::string kept;  // what stands before the part that is completed
  if (const auto mark = typed.find('='); typed.starts_with("--") && mark != typed.npos) {
    read_word(line, known, typed.substr(0, mark));
    kept = typed.substr(0, mark + 1);
    typed.erase(0, mark + 1);
  }
  Candidates found = unfiltered(line, known, typed.starts_with('-'));
  if (line.pending != nullptr && !line.pending->values.empty()) {
    const auto comma = typed.rfind(',');
    if (comma != typed.npos) {
      kept += typed.substr(0, comma + 1);
      typed.erase(0, comma + 1);
    }
  }
  std::erase_if(found.words, [&](const Word& word) { return !word.text.starts_with(typed); });
  for (Word& word : found.words)
    word.text.insert(0, kept);
  return found;
}

}  // namespace gateway::cli
