#pragma once
// Canonical forms of parts of an HTTP head, used only by signature.h.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/sigv4/signature.h"

namespace auth {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The names and values of a query, decoded. Absent for a "%" without two hexadecimal digits, for a
// "+" (a plus to some programs, a space to others), and for more than kMaxParameters.
std::optional<Parameters> read_parameters(std::string_view query);

// RFC 3986: encodes everything except letters, digits, "-", ".", "_" and "~" as %XX, and "/" if it
// is kept.
std::string uri_encode(std::string_view text, bool keep_slashes);

// Trims blanks at both ends, and turns each run of them into one space.
std::string folded(std::string_view value);

}  // namespace auth
