#include "auth/credential/credential.h"

#include <string_view>
#include <vector>

#include "tests/support/catch.h"

namespace auth {
namespace {

using Texts = std::vector<std::string_view>;

constexpr std::array<std::uint8_t, 12> kZeros{};
constexpr std::array<std::uint8_t, 12> kCounting{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

TEST_CASE("credential: an id is CG and the first 90 bits in base32", "[credential]") {
  CHECK(make_id(kZeros) == "CGAAAAAAAAAAAAAAAAAA");
  CHECK(make_id(kCounting) == "CGAAAQEAYEAUDAOCAJBI");
  std::array<std::uint8_t, 12> ones{};
  ones.fill(0xFF);
  CHECK(make_id(ones) == "CG777777777777777777");
}

TEST_CASE("credential: each of the 90 bits changes the id", "[credential]") {
  for (std::size_t bit = 0; bit < 96; ++bit) {
    auto entropy = kZeros;
    entropy[bit / 8] = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    CAPTURE(bit);
    CHECK((make_id(entropy) != make_id(kZeros)) == (bit < 90));
  }
}

TEST_CASE("credential: what was made as an id has the form of one", "[credential]") {
  CHECK(make_id(kCounting).size() == kIdBytes);
  CHECK(has_id_form(make_id(kCounting)));
}

TEST_CASE("credential: what is not CG and 18 characters of base32 has not the form of an id",
          "[credential]") {
  using namespace std::string_view_literals;
  for (const auto text :
       Texts{"", "CG", "CGAAAAAAAAAAAAAAAAA", "CGAAAAAAAAAAAAAAAAAAA", "cgaaaaaaaaaaaaaaaaaa",
             "CGAAAAAAAAAAAAAAAAAa", "CGAAAAAAAAAAAAAAAAA0", "CGAAAAAAAAAAAAAAAAA1",
             "CGAAAAAAAAAAAAAAAAA8", "CGAAAAAAAAAAAAAAAAA=", "CGAAAAAAAAAAAAAAAAA ",
             " CGAAAAAAAAAAAAAAAAA", "CGAAAAAAAAAAAAAAAAA\0"sv, "CAAAAAAAAAAAAAAAAAAA",
             "AKIAIOSFODNN7EXAMPLE", "CGAAAAAAAAAAAAAAAA.>"}) {
    CAPTURE(text);
    CHECK_FALSE(has_id_form(text));
  }
}

TEST_CASE("credential: an inbox is the credential's own unless it is shared", "[credential]") {
  Credential credential;
  credential.id = "CGAAAAAAAAAAAAAAAAAA";
  CHECK(inbox_prefix(credential) == "_CG.CGAAAAAAAAAAAAAAAAAA");
  CHECK(inbox_subjects(credential) == std::vector<std::string>{"_CG.CGAAAAAAAAAAAAAAAAAA.>"});
  credential.inbox = Inbox::old_private;
  CHECK(inbox_prefix(credential) == "_CG.CGAAAAAAAAAAAAAAAAAA");
  CHECK(inbox_subjects(credential) ==
        std::vector<std::string>{"_CG.CGAAAAAAAAAAAAAAAAAA.>", "_INBOX_CGAAAAAAAAAAAAAAAAAA.>"});
  credential.inbox = Inbox::shared;
  CHECK(inbox_prefix(credential) == "_INBOX");
  CHECK(inbox_subjects(credential) == std::vector<std::string>{"_INBOX.>"});
}

TEST_CASE("credential: every enumerator has its word and is read back from it", "[credential]") {
  CHECK(name(Kind::key) == "key");
  CHECK(name(Kind::password) == "password");
  CHECK(name(Kind::token) == "token");
  CHECK(name(Kind::nkey) == "nkey");
  CHECK(name(Kind::creds) == "creds");
  CHECK(name(Kind::cert) == "cert");
  for (const auto kind :
       {Kind::key, Kind::password, Kind::token, Kind::nkey, Kind::creds, Kind::cert}) {
    CHECK(read_kind(name(kind)) == kind);
  }
  CHECK(name(Status::active) == "active");
  CHECK(name(Status::suspended) == "suspended");
  CHECK(name(Status::revoked) == "revoked");
  for (const auto status : {Status::active, Status::suspended, Status::revoked}) {
    CHECK(read_status(name(status)) == status);
  }
  CHECK(name(Inbox::private_inbox) == "private");
  CHECK(name(Inbox::shared) == "shared");
  for (const auto inbox : {Inbox::private_inbox, Inbox::shared, Inbox::old_private}) {
    CHECK(read_inbox(name(inbox)) == inbox);
  }
  CHECK(name(ConnectionType::standard) == "STANDARD");
  CHECK(name(ConnectionType::websocket) == "WEBSOCKET");
  CHECK(name(ConnectionType::leafnode) == "LEAFNODE");
  CHECK(name(ConnectionType::mqtt) == "MQTT");
  for (const auto type : {ConnectionType::standard, ConnectionType::websocket,
                          ConnectionType::leafnode, ConnectionType::mqtt}) {
    CHECK(read_connection_type(name(type)) == type);
  }
}

TEST_CASE("credential: a leafnode may use it only where LEAFNODE is listed", "[credential]") {
  using enum ConnectionType;
  Credential c;
  for (const auto type : {standard, websocket, mqtt})
    CHECK(allows_type(c, type));
  CHECK_FALSE(allows_type(c, leafnode));
  c.connection_types = {leafnode};
  CHECK(allows_type(c, leafnode));
  for (const auto type : {standard, websocket, mqtt})
    CHECK_FALSE(allows_type(c, type));
  c.connection_types = {standard, mqtt};
  CHECK(allows_type(c, mqtt));
  CHECK_FALSE(allows_type(c, websocket));
  CHECK_FALSE(allows_type(c, leafnode));
}

TEST_CASE("credential: no other word is read, and what is not an enumerator has no word",
          "[credential]") {
  for (const auto word : Texts{"", "Key", "KEY", "keys", " key", "key ", "standard", "0", "1"}) {
    CAPTURE(word);
    CHECK_FALSE(read_kind(word));
    CHECK_FALSE(read_status(word));
    CHECK_FALSE(read_inbox(word));
    CHECK_FALSE(read_connection_type(word));
  }
  CHECK(name(static_cast<Kind>(0)).empty());
  CHECK(name(static_cast<Status>(9)).empty());
}

}  // namespace
}  // namespace auth
