#include "auth/credential/record_codec.h"

#include <sodium.h>

#include "auth/base/archive.h"

namespace auth {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kSumBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kSumBytes;

std::string checksum(char version, std::string_view value) {
  std::string sum(kSumBytes, '\0');
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sum.size());
  crypto_generichash_update(&state, bytes_of({&version, 1}).data(), 1);
  crypto_generichash_update(&state, bytes_of(value).data(), value.size());
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(sum.data()), sum.size());
  return sum;
}

}  // namespace

constexpr Kind last_enumerator(Kind /*of*/) {
  return Kind::cert;
}
constexpr Status last_enumerator(Status /*of*/) {
  return Status::revoked;
}
constexpr Inbox last_enumerator(Inbox /*of*/) {
  return Inbox::private_inbox;
}
constexpr ConnectionType last_enumerator(ConnectionType /*of*/) {
  return ConnectionType::mqtt;
}
constexpr Scheme last_enumerator(Scheme /*of*/) {
  return Scheme::opaque_token;
}

// `C` is the type, const when writing. The numbers are the format: they are never used again.

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, SubjectLists>
void fields(A& archive, C& c) {
  archive(1, c.allow);
  archive(2, c.deny);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Responses>
void fields(A& archive, C& c) {
  archive(1, c.max);
  archive(2, c.ttl);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Permissions>
void fields(A& archive, C& c) {
  archive(1, c.publish);
  archive(2, c.subscribe);
  archive(3, c.responses);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, BucketKeys>
void fields(A& archive, C& c) {
  archive(1, c.bucket);
  archive(2, c.keys);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, BucketRights>
void fields(A& archive, C& c) {
  archive(1, c.kv_read);
  archive(2, c.kv_write);
  archive(3, c.object_read);
  archive(4, c.object_write);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, ServiceRights>
void fields(A& archive, C& c) {
  archive(1, c.serve);
  archive(2, c.call);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Cidr>
void fields(A& archive, C& c) {
  archive(1, c.address);
  archive(2, c.bits);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, TimeRange>
void fields(A& archive, C& c) {
  archive(1, c.start);
  archive(2, c.end);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, StoredSecret>
void fields(A& archive, C& c) {
  archive(1, c.scheme);
  archive(2, c.key_id);
  archive(3, c.login);
  archive(4, c.hash);
  archive(5, c.created_at);
  archive(6, c.expires_at);
  archive(7, c.password_hash);
  archive(8, c.sealed);
  archive(9, c.reserved);
}

template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Credential>
void fields(A& archive, C& c) {
  archive(1, c.id);
  archive(2, c.revision);
  archive(3, c.name);
  archive(4, c.kind);
  archive(5, c.account);
  archive(6, c.regions);
  archive(7, c.publish);
  archive(8, c.receive);
  archive(9, c.manage);
  archive(10, c.subjects);
  archive(11, c.streams);
  archive(12, c.consumers);
  archive(13, c.permissions);
  archive(14, c.inbox);
  archive(15, c.allow_responses);
  archive(16, c.everything);
  archive(17, c.ack_v2);
  archive(18, c.sources);
  archive(19, c.connection_types);
  archive(20, c.times);
  archive(21, c.times_location);
  archive(22, c.not_before);
  archive(23, c.expires_at);
  archive(24, c.session_ttl);
  archive(25, c.max_sessions);
  archive(26, c.status);
  archive(27, c.secrets);
  archive(28, c.tags);
  archive(29, c.created_at);
  archive(30, c.created_by);
  archive(31, c.updated_at);
  archive(32, c.updated_by);
  archive(33, c.revoked_at);
  archive(34, c.revoked_by);
  archive(35, c.revoke_reason);
  archive(36, c.sigv4);
  archive(37, c.sigv4_connect);
  archive(38, c.buckets);
  archive(39, c.services);
  archive(40, c.domain);
  archive(41, c.roles);
}

// What a credential has too has its number.
template <class A, class C>
  requires std::same_as<std::remove_const_t<C>, Role>
void fields(A& archive, C& c) {
  archive(2, c.revision);
  archive(3, c.name);
  archive(5, c.account);
  archive(7, c.publish);
  archive(8, c.receive);
  archive(9, c.manage);
  archive(10, c.subjects);
  archive(11, c.streams);
  archive(12, c.consumers);
  archive(13, c.permissions);
  archive(15, c.allow_responses);
  archive(16, c.everything);
  archive(17, c.ack_v2);
  archive(29, c.created_at);
  archive(30, c.created_by);
  archive(31, c.updated_at);
  archive(32, c.updated_by);
  archive(38, c.buckets);
  archive(39, c.services);
  archive(40, c.domain);
  archive(42, c.description);
}

template <class Record>
std::string write_value(const Record& record) {
  ArchiveWriter archive;
  fields(archive, record);
  return archive.take();
}

template <class Record>
std::optional<Record> read_value(std::string_view value) {
  ArchiveReader archive{value};
  Record record;
  fields(archive, record);
  if (!archive.complete()) return std::nullopt;
  return record;
}

std::string framed(const std::string& value) {
  return std::string(1, kVersion) + checksum(kVersion, value) + value;
}

// Absent unless the checksum fits.
std::optional<std::string_view> unframed(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || bytes.size() > kMaxRecordBytes) return std::nullopt;
  const std::string_view value = bytes.substr(kHeadBytes);
  if (bytes[0] != kVersion) return std::nullopt;
  if (bytes.substr(1, kSumBytes) != checksum(kVersion, value)) return std::nullopt;
  return value;
}

std::string write_record_value(const Credential& credential) {
  return write_value(credential);
}

std::optional<Credential> read_record_value(std::string_view value) {
  return read_value<Credential>(value);
}

std::string write_credential(const Credential& credential) {
  return framed(write_value(credential));
}

std::optional<Credential> read_credential(std::string_view bytes) {
  const auto value = unframed(bytes);
  return value ? read_value<Credential>(*value) : std::nullopt;
}

std::string write_role(const Role& role) {
  return framed(write_value(role));
}

std::optional<Role> read_role(std::string_view bytes) {
  const auto value = unframed(bytes);
  return value ? read_value<Role>(*value) : std::nullopt;
}

std::optional<Role> read_role_value(std::string_view value) {
  return read_value<Role>(value);
}

}  // namespace auth
