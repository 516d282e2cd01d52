#pragma once
// What is wrong with a field that somebody wrote.

#include <string>

namespace auth {

// The field by its name in the record ("permissions.publish.allow" for one inside), and words after
// it that say what would be right. Neither ever holds a secret.
struct Invalid {
  std::string field;
  std::string message;
};

}  // namespace auth
