#pragma once
// Parts of an HTTP head, for signature.h alone.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/sigv4/signature.h"

namespace auth {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The names and values of a query, decoded. Absent for a "%" without two hexadecimal digits,
// for a "+", which some read as a plus and others as a space, and for more than kMaxParameters.
std::optional<Parameters> read_parameters(std::string_view query);

// RFC 3986: everything but letters, digits, "-", ".", "_" and "~" as %XX, and "/" where it is kept.
std::string uri_encode(std::string_view text, bool keep_slashes);

// Without blanks at its ends, and with one space for each run of them.
std::string folded(std::string_view value);

}  // namespace auth
