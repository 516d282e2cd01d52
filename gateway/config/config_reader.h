#pragma once
// JSON with comments, read so that every complaint can name its line.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/base/config_error.h"
#include "auth/base/invalid.h"

namespace gateway {

// A parsed file: the values, and the line of each member by its dotted path ("store.dir").
struct ConfigText {
  std::string file;
  nlohmann::json root;
  std::map<std::string, std::size_t, std::less<>> lines;

  // "file:line: path: message", with the line of the member, else of the object that it is missing
  // in.
  auth::ConfigError error(const auth::Invalid& wrong) const;
};

// The same text with other strings as the value of a member that is a string or an array of them,
// and all else as it was, comments too. `path`: dotted, "callout.xkey". Throws ConfigError where
// there is no such member.
std::string with_strings(std::string_view text, const std::string& file, const std::string& path,
                         const std::vector<std::string>& values);

// Throws ConfigError with the line: for text that is not a JSON object, and for a key given twice.
// What is in the object is for auth::JsonObject to read.
ConfigText read_config_text(std::string_view text, std::string file);

}  // namespace gateway
