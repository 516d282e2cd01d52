#pragma once
// What a credential may publish and subscribe, judged as nats-server judges it, and by which entry.

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/credential/capabilities.h"

namespace auth {

enum class May : std::uint8_t {
  yes = 1,
  no,
  partly,       // subscribing: let through, but some of the messages are not delivered
  to_a_request  // publishing: only as the answer to a message that came
};

struct SubjectVerdict {
  May may = May::no;
  std::string entry{};  // of the list that decided; empty where none allows it
  bool denied = false;  // whether that is an entry of the deny list
};

// `subject` is valid; for publishing it has no wildcards.
// Source: nats-server `client.go` canSubscribe, pubAllowedFullCheck.
SubjectVerdict may_publish(const Permissions& permissions, std::string_view subject);
SubjectVerdict may_subscribe(const Permissions& permissions, std::string_view subject);

// The field of the record that an entry of its expanded lists comes from: "subjects", "streams",
// "permissions", "inbox", "everything"; empty for the ">" that denies who has nothing.
std::string_view field_of(const Credential& credential, std::string_view entry);

}  // namespace auth
