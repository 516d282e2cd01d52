#include "auth/credential/credential.h"

#include <algorithm>

#include "auth/base/base32.h"

namespace auth {
namespace {

template <class Enum>
struct Word {
  Enum value;
  std::string_view word;
};

constexpr auto kKinds = std::to_array<Word<Kind>>({
    {Kind::key, "key"},
    {Kind::password, "password"},
    {Kind::token, "token"},
    {Kind::nkey, "nkey"},
    {Kind::creds, "creds"},
    {Kind::cert, "cert"},
});

constexpr auto kStatuses = std::to_array<Word<Status>>({
    {Status::active, "active"},
    {Status::suspended, "suspended"},
    {Status::revoked, "revoked"},
});

constexpr auto kInboxes = std::to_array<Word<Inbox>>({
    {Inbox::private_inbox, "private"},
    {Inbox::old_private, "old_private"},
    {Inbox::shared, "shared"},
});

constexpr auto kConnectionTypes = std::to_array<Word<ConnectionType>>({
    {ConnectionType::standard, "STANDARD"},
    {ConnectionType::websocket, "WEBSOCKET"},
    {ConnectionType::leafnode, "LEAFNODE"},
    {ConnectionType::mqtt, "MQTT"},
});

constexpr auto kSchemes = std::to_array<Word<Scheme>>({
    {Scheme::blake2b, "blake2b"},
    {Scheme::public_key, "public_key"},
    {Scheme::argon2id, "argon2id"},
    {Scheme::bcrypt, "bcrypt"},
    {Scheme::fingerprint, "fingerprint"},
    {Scheme::opaque_token, "opaque_token"},
});

template <class Table, class Enum>
std::string_view word_of(const Table& table, Enum value) {
  const auto found = std::ranges::find(table, value, &Word<Enum>::value);
  return found == table.end() ? std::string_view{} : found->word;
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<Word<Enum>, N>& table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &Word<Enum>::word);
  return found == table.end() ? std::nullopt : std::optional{found->value};
}

constexpr std::string_view kIdStart = "CG";

}  // namespace

std::string make_id(std::span<const std::uint8_t, 12> entropy) {
  return (std::string{kIdStart} + write_base32(entropy)).substr(0, kIdBytes);
}

bool has_id_form(std::string_view text) {
  return text.size() == kIdBytes && text.starts_with(kIdStart) &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == text.npos;
}

std::string private_inbox_prefix(std::string_view id) {
  return "_CG." + std::string{id};
}

bool allows_type(const Credential& credential, ConnectionType type) {
  const auto& listed = credential.connection_types;
  if (listed.empty()) return type != ConnectionType::leafnode;
  return std::ranges::find(listed, type) != listed.end();
}

std::string inbox_prefix(const Credential& credential) {
  return credential.inbox == Inbox::shared ? "_INBOX" : private_inbox_prefix(credential.id);
}

std::vector<std::string> inbox_subjects(const Credential& credential) {
  std::vector<std::string> subjects = {inbox_prefix(credential) + ".>"};
  if (credential.inbox == Inbox::old_private) subjects.push_back("_INBOX_" + credential.id + ".>");
  return subjects;
}

std::string_view name(Kind kind) {
  return word_of(kKinds, kind);
}
std::string_view name(Status status) {
  return word_of(kStatuses, status);
}
std::string_view name(Inbox inbox) {
  return word_of(kInboxes, inbox);
}
std::string_view name(ConnectionType type) {
  return word_of(kConnectionTypes, type);
}
std::string_view name(Scheme scheme) {
  return word_of(kSchemes, scheme);
}
std::optional<Kind> read_kind(std::string_view word) {
  return value_of(kKinds, word);
}
std::optional<Status> read_status(std::string_view word) {
  return value_of(kStatuses, word);
}
std::optional<Inbox> read_inbox(std::string_view word) {
  return value_of(kInboxes, word);
}
std::optional<Scheme> read_scheme(std::string_view word) {
  return value_of(kSchemes, word);
}
std::optional<ConnectionType> read_connection_type(std::string_view word) {
  return value_of(kConnectionTypes, word);
}

}  // namespace auth
