#pragma once
// The credential: one stored record of who may connect, how it proves itself, into which account,
// and with which permissions. A plain value; validate.h checks it, record_codec.h stores it.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/ip_range.h"
#include "auth/base/time.h"
#include "auth/credential/rights.h"
#include "auth/credential/time_windows.h"
#include "auth/nats/nkey.h"

namespace auth {

enum class Kind : std::uint8_t { key = 1, password, token, nkey, creds, cert };
enum class Status : std::uint8_t { active = 1, suspended, revoked };
// `old_private`: of a credential from before the prefix of private inboxes was one that a
// permission can deny. Its clients may use both prefixes.
enum class Inbox : std::uint8_t { old_private = 1, shared, private_inbox };

// How a client reaches its server, as the server reports it: MQTT over WebSocket arrives as `mqtt`,
// a leafnode over WebSocket as `leafnode`. The names are those of the user JWT.
enum class ConnectionType : std::uint8_t { standard = 1, websocket, leafnode, mqtt };

using Hash32 = std::array<std::uint8_t, 32>;

// How a stored proof is checked. `opaque_token`: a token that was made elsewhere, whose keyed hash
// is the login itself. `fingerprint`: that of a certificate, which the server has verified.
enum class Scheme : std::uint8_t {
  blake2b = 1,
  public_key,
  argon2id,
  bcrypt,
  fingerprint,
  opaque_token,
};

// What is stored to check a proof: never the secret itself, except sealed for `sigv4`.
struct StoredSecret {
  Scheme scheme = Scheme::blake2b;
  std::string key_id{};  // blake2b, opaque_token: the master key that the hash is keyed with
  // argon2id, bcrypt: the user name; public_key: the nkey, "U…"; fingerprint:
  // certificate_fingerprint.h's form; opaque_token: the keyed hash in base64url.
  std::string login{};
  std::optional<Hash32> hash{};  // blake2b; absent once destroyed
  Time created_at;
  std::optional<Time> expires_at{};  // the end of a rotation's overlap
  std::string
      password_hash{};   // argon2id, bcrypt, as password_hash.h reads it; empty once destroyed
  std::string sealed{};  // blake2b: the secret as MasterKey::seal has it, where `sigv4` needs it
  // fingerprint: the other one of the same certificate, where that was given. It leads to this
  // credential too, so that nobody else can register it, and proves nothing.
  std::string reserved{};
  bool operator==(const StoredSecret&) const = default;
};

struct Credential : Rights {
  std::string id;
  std::uint64_t revision = 0;
  std::string name;
  Kind kind = Kind::key;
  std::string account;
  std::vector<std::string> regions;  // empty: every region

  std::vector<std::string> roles;  // their names; of the same account (role.h)
  Inbox inbox = Inbox::private_inbox;

  bool sigv4 = false;  // signs requests with its secret (signature.h), which is stored sealed
  bool sigv4_connect = false;  // such a request opens a connection, once

  std::vector<Cidr> sources;                     // empty: from anywhere
  std::vector<ConnectionType> connection_types;  // empty: any but LEAFNODE (allows_type)
  std::vector<TimeRange> times;                  // empty: at any time of day
  std::string times_location;                    // IANA time zone; empty: UTC

  std::optional<Time> not_before;
  std::optional<Time> expires_at;
  std::optional<std::chrono::seconds> session_ttl;
  std::uint32_t max_sessions = 0;  // 0: no limit

  Status status = Status::active;
  std::vector<StoredSecret> secrets;  // one; two during a rotation
  std::vector<std::string> tags;      // "key=value"

  Time created_at;
  std::string created_by;
  Time updated_at;
  std::string updated_by;
  std::optional<Time> revoked_at;
  std::string revoked_by;
  std::string revoke_reason;

  bool operator==(const Credential&) const = default;
};

inline constexpr std::size_t kIdBytes = 20;

// "CG" and 18 characters of base32. `entropy`: 12 fresh random bytes, of which 90 bits are used.
std::string make_id(std::span<const std::uint8_t, 12> entropy);
bool has_id_form(std::string_view text);

// Whether a connection of this type may use the credential. LEAFNODE must be listed: nats-server
// does not check all that a leafnode publishes, and before 2.11.16, 2.12.7 and 2.14.0 nothing of
// it.
bool allows_type(const Credential& credential, ConnectionType type);

// All private inboxes. Their first token is the same, because no pattern covers a part of a token:
// otherwise nothing could deny others to publish there, and so to forge replies.
inline constexpr std::string_view kPrivateInboxes = "_CG.>";
// The prefix of a private inbox: "_CG.<id>".
std::string private_inbox_prefix(std::string_view id);
// The inbox prefix for the client library: that of its private inbox, or "_INBOX" if it is shared.
std::string inbox_prefix(const Credential& credential);
// The subjects on which it receives replies: "_CG.<id>.>"; with `old_private` also "_INBOX_<id>.>".
std::vector<std::string> inbox_subjects(const Credential& credential);

// The words that people and programs see. The read functions are absent for any other word.
std::string_view name(Kind kind);
std::string_view name(Status status);
std::string_view name(Inbox inbox);
std::string_view name(ConnectionType type);  // "STANDARD", …
std::string_view name(Scheme scheme);
std::optional<Kind> read_kind(std::string_view word);
std::optional<Status> read_status(std::string_view word);
std::optional<Inbox> read_inbox(std::string_view word);
std::optional<ConnectionType> read_connection_type(std::string_view word);
std::optional<Scheme> read_scheme(std::string_view word);

}  // namespace auth
