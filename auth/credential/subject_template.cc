#include "auth/credential/subject_template.h"

#include <algorithm>
#include <array>

#include "auth/credential/permission_size.h"
#include "auth/nats/terms.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

// Why a template has no value.
struct Reason {
  std::string text;
};

constexpr std::string_view kTagPrefix = "tag.";
constexpr std::size_t kMaxTagKeyBytes = 63;

constexpr std::string_view kTagKeyCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

constexpr std::string_view kKnown = "{id}, {name} and {tag.KEY}";

// nats-server's own templates, of its scoped signing keys, and what to write for them.
// Source: nats-server `auth.go` processUserPermissionsTemplate.
struct ServerTemplate {
  std::string_view begin;
  std::string_view instead;
};

constexpr auto kServerTemplates = std::to_array<ServerTemplate>({
    {"{{account-", "the account's name, tag or key itself"},
    {"{{name()", "{name}"},
    {"{{subject()", "{id}"},
    {"{{tag(", "{tag.KEY}"},
    {"{{", kKnown},
});

// As validate.h has the keys of tags.
bool is_tag_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxTagKeyBytes &&
         key.find_first_not_of(kTagKeyCharacters) == key.npos &&
         std::string_view{"_.-"}.find(key.front()) == std::string_view::npos;
}

bool is_template_name(std::string_view name) {
  return name == "id" || name == "name" ||
         (name.starts_with(kTagPrefix) && is_tag_key(name.substr(kTagPrefix.size())));
}

// The template that `text` begins with, braces included; empty if it begins with none.
std::string_view leading_template(std::string_view text) {
  const auto end = text.find('}');
  if (!text.starts_with('{') || end == text.npos) return {};
  return is_template_name(text.substr(1, end - 1)) ? text.substr(0, end + 1) : std::string_view{};
}

// Calls `literal(char)` and `name(std::string_view)` for the parts of `text`, in order.
template <class Literal, class Name>
void for_each_part(std::string_view text, Literal literal, Name name) {
  while (!text.empty()) {
    const auto found = leading_template(text);
    if (found.empty()) {
      literal(text.front());
    } else {
      name(found.substr(1, found.size() - 2));
    }
    text.remove_prefix(std::max<std::size_t>(1, found.size()));
  }
}

// A tag's key may have dots, so the first token ends at the first dot outside a template.
std::string_view first_template_token(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '.')
    end += std::max<std::size_t>(1, leading_template(text.substr(end)).size());
  return text.substr(0, end);
}

Result<std::string, Reason> value_of(std::string_view name, const TemplateValues& values) {
  if (name == "id") return std::string{values.id};
  if (name == "name") return std::string{values.name};
  const std::string key{name.substr(kTagPrefix.size())};
  for (const std::string_view tag : values.tags) {
    if (tag.starts_with(key + '=')) return std::string{tag.substr(key.size() + 1)};
  }
  return Reason{"the tag " + key + " is not set"};
}

Result<std::string, Reason> usable_value(std::string_view name, const TemplateValues& values) {
  auto value = value_of(name, values);
  if (!value || restricted_term(*value)) return value;
  const std::string what{name.starts_with(kTagPrefix) ? name.substr(kTagPrefix.size()) : name};
  return Reason{(what == name ? "the " : "the tag ") + what +
                " is not one token of A-Z, a-z, 0-9, `_` and `-`"};
}

void sort_unique(List& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// The list keeps what could be expanded; `failed` gets the rest.
void expand_list(List& list, const TemplateValues& values, std::vector<Unexpandable>& failed) {
  if (std::ranges::none_of(list, has_braces)) return;
  List expanded;
  for (const auto& entry : list) {
    const auto subject = expand_template(entry, values);
    if (subject) {
      expanded.push_back(*subject);
    } else {
      failed.push_back(subject.error());
    }
  }
  list = std::move(expanded);
  sort_unique(list);
}

}  // namespace

bool has_braces(std::string_view text) {
  return text.find_first_of("{}") != text.npos;
}

std::optional<std::string> template_error(std::string_view text) {
  if (!has_braces(text)) return std::nullopt;
  for (const auto& theirs : kServerTemplates) {
    if (text.find(theirs.begin) == text.npos) continue;
    return "must not have a template of nats-server (`" + std::string{theirs.begin} +
           "…`), which means nothing here: write " + std::string{theirs.instead};
  }
  if (has_braces(fill_templates(text, ""))) {
    return "must have `{` and `}` in templates only: there are " + std::string{kKnown};
  }
  // With a value, `_{name}` could become the first token of all inboxes.
  if (first_template_token(text).starts_with('_') && has_braces(first_template_token(text))) {
    return "must not have a template in a first token that begins with `_`, as inboxes do";
  }
  return std::nullopt;
}

std::string fill_templates(std::string_view text, std::string_view sample) {
  std::string filled;
  for_each_part(text, [&](char c) { filled += c; }, [&](std::string_view) { filled += sample; });
  return filled;
}

Result<std::string, Unexpandable> expand_template(std::string_view text,
                                                  const TemplateValues& values) {
  if (auto error = template_error(text)) return Unexpandable{std::string{text}, std::move(*error)};

  std::string subject;
  std::optional<std::string> reason;
  const auto append_value = [&](std::string_view name) {
    const auto value = usable_value(name, values);
    if (value) {
      subject += *value;
    } else if (!reason) {
      reason = value.error().text;
    }
  };
  for_each_part(text, [&](char c) { subject += c; }, append_value);
  if (!reason && subject.starts_with('_') && !text.starts_with('_')) {
    reason = "it would begin with `_`, as inboxes do";
  }
  if (reason) return Unexpandable{std::string{text}, std::move(*reason)};
  return subject;
}

Result<ExpandedPermissions, Unexpandable> expand_templates(Permissions permissions,
                                                           const TemplateValues& values) {
  ExpandedPermissions all{std::move(permissions), {}};
  for (SubjectLists* lists : {&all.permissions.publish, &all.permissions.subscribe}) {
    std::vector<Unexpandable> failed;
    expand_list(lists->deny, values, failed);
    if (!failed.empty()) return failed.front();
    expand_list(lists->allow, values, all.dropped);
    if (lists->allow.empty()) {
      lists->deny.emplace_back(">");
      sort_unique(lists->deny);
    }
  }
  if (!fits_user_jwt(all.permissions)) {
    return Unexpandable{"", "with their values the permissions are too long for a user JWT"};
  }
  return all;
}

}  // namespace auth
