#pragma once
// Templates in subjects: `{id}`, `{name}` and `{tag.KEY}` stand for what a credential says of
// itself. A record keeps them as they were written. A decision puts the values in.
//
// The values come from whoever may name and tag a credential, so none of them may change the shape
// of a subject: a value is one token of A-Z, a-z, 0-9, `_` and `-`. An entry without a usable value
// gives nothing where it allows. Where it denies, the login is refused: without the entry, the
// credential could do what was denied to it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/result.h"
#include "auth/nats/permissions.h"

namespace auth {

struct TemplateValues {
  std::string_view id;
  std::string_view name;
  std::span<const std::string> tags;  // "key=value"
};

// For a field in which nothing is expanded.
inline constexpr std::string_view kNoTemplateHint =
    "must not have `{` or `}`: templates are expanded in subjects, streams, consumers, keys and "
    "permissions only";

// Whether it has a `{` or a `}`.
bool has_braces(std::string_view text);

// What is wrong with the braces of `text`: "must …". Absent if each is part of a template that can
// be expanded there. The message does not quote `text`.
std::optional<std::string> template_error(std::string_view text);

// `text` with `sample` in the place of each template, so that other rules can look at its shape.
// Braces that are not part of a template stay.
std::string fill_templates(std::string_view text, std::string_view sample);

struct Unexpandable {
  std::string entry{};  // as it was written; empty if the lists as a whole are meant
  std::string reason;   // "the tag site is not set"
  bool operator==(const Unexpandable&) const = default;
};

// One entry. Text without braces stays as it is.
Result<std::string, Unexpandable> expand_template(std::string_view text,
                                                  const TemplateValues& values);

struct ExpandedPermissions {
  Permissions permissions;
  std::vector<Unexpandable> dropped;  // what would have been allowed
};

// `permissions`: as capabilities.h has them. They stay sorted and without an entry twice, and an
// allow list of which nothing is left gets a deny of ">". Refused: a deny entry that cannot be
// expanded, and lists that are too long for a user JWT once expanded.
Result<ExpandedPermissions, Unexpandable> expand_templates(Permissions permissions,
                                                           const TemplateValues& values);

}  // namespace auth
