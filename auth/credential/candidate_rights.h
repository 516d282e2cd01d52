#pragma once
// The rights that might give a wish: guesses with each name that its subject has, to be tried.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential/credential.h"

namespace auth {

// What a client wants to do over a connection of this type.
struct Wish {
  bool publish = true;  // false: subscribe
  std::string_view subject;
  std::optional<ConnectionType> type{};
};

// A right in the words of the command line, and as a change of a record. What it gives may be
// anything, and what it makes of a record invalid.
struct Right {
  std::string words;
  std::function<void(Credential&)> give;
};

// With words in capitals that stand for any name: what gives the wish then gives it by every name.
std::vector<Right> rights_of_any_name(const Wish& wish);
// The narrow ones first, and those that read before those that write.
std::vector<Right> rights_of_names(const Wish& wish);
// The explicit permission.
std::vector<Right> raw_rights(const Wish& wish);

}  // namespace auth
