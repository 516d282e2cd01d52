#pragma once
// A field with an invalid value.

#include <string>

namespace auth {

// `field` is the path in the record ("permissions.publish.allow"); `message` continues the sentence
// and says what would be right. Neither contains a secret.
struct Invalid {
  std::string field;
  std::string message;
};

}  // namespace auth
