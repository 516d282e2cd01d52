#include "auth/credential/record_codec.h"

#include <sodium.h>

#include "tests/support/catch.h"
#include "tests/support/make_credential.h"

namespace auth {
namespace {

using namespace std::chrono_literals;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes_of(bytes)) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Spaces between the parts are left out.
std::string from_hex(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const int failed = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    text.data(), text.size(), " \n", &size, nullptr);
  REQUIRE(failed == 0);
  bytes.resize(size);
  return bytes;
}

// A record with a good checksum over whatever stands in it.
std::string record(std::string_view value, char version = 1) {
  const std::string summed = version + std::string{value};
  std::string sum(16, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(sum.data()), sum.size(),
                     bytes_of(summed).data(), summed.size(), nullptr, 0);
  return version + sum + std::string{value};
}

// Through a buffer without a terminator, so that the sanitizer sees one byte too far.
std::optional<Credential> read(std::string_view bytes) {
  const std::vector<char> exact{bytes.begin(), bytes.end()};
  return read_credential({exact.data(), exact.size()});
}

// The value of a record with all defaults: kind, inbox and status, which are never left out.
constexpr std::string_view kKind = "04 01 01";
constexpr std::string_view kInbox = "0e 01 03";
constexpr std::string_view kStatus = "1a 01 01";

std::string with(std::string_view before, std::string_view between, std::string_view after) {
  std::string text;
  for (const auto part : {before, kKind, between, kInbox, after, kStatus}) {
    text += part;
    text += ' ';
  }
  return from_hex(text);
}

TEST_CASE("record_codec: a credential with all its fields is read back as it was written",
          "[credential]") {
  const Credential full = made::full_credential();
  CHECK(read(write_credential(full)) == full);
}

TEST_CASE("record_codec: a credential with nothing in it is read back as it was written",
          "[credential]") {
  CHECK(read(write_credential(Credential{})) == Credential{});
}

TEST_CASE("record_codec: a secret of each scheme is read back as it was written", "[credential]") {
  Credential c;
  for (const auto scheme : {Scheme::blake2b, Scheme::public_key, Scheme::argon2id, Scheme::bcrypt,
                            Scheme::fingerprint, Scheme::opaque_token}) {
    c.secrets.push_back({.scheme = scheme,
                         .key_id = "122bd27872f1df0c",
                         .login = "bob",
                         .created_at = Time{1s},
                         .expires_at = Time{2s},
                         .password_hash = std::string(200, '$'),
                         .reserved = "spki-sha256:00"});
  }
  CHECK(read(write_credential(c)) == c);
}

TEST_CASE("record_codec: values at their limits are read back as they were written",
          "[credential]") {
  Credential c;
  c.revision = UINT64_MAX;
  c.max_sessions = UINT32_MAX;
  c.name = std::string{"\0\x7F\x80\xFF", 4};
  c.tags = {"", std::string(127, 'a'), std::string(128, 'b'), std::string(20'000, 'c')};
  c.sources = {Cidr{{}, 0}, Cidr{}};
  c.permissions.responses = Responses{.max = 0, .ttl = 0s};
  c.not_before = Time{};
  c.expires_at = Time{3'155'760'000'000s};
  c.session_ttl = 0s;
  c.secrets = {StoredSecret{}, StoredSecret{}};
  c.secrets[0].hash = Hash32{};
  CHECK(read(write_credential(c)) == c);
}

TEST_CASE("record_codec: each field is written, and the rest of the record does not hide it",
          "[credential]") {
  const Credential full = made::full_credential();
  const Credential none;
  const auto one = [&](auto field) {
    Credential c;
    c.*field = full.*field;
    CHECK(c != none);
    CHECK(read(write_credential(c)) == c);
    Credential rest = full;
    rest.*field = none.*field;
    CHECK(read(write_credential(rest)) == rest);
  };
  const auto each = [&](auto... fields) { (one(fields), ...); };
  each(&Credential::id, &Credential::revision, &Credential::name, &Credential::kind,
       &Credential::account, &Credential::regions, &Credential::roles, &Credential::publish,
       &Credential::receive, &Credential::manage, &Credential::subjects, &Credential::streams,
       &Credential::consumers, &Credential::buckets, &Credential::services, &Credential::domain,
       &Credential::permissions, &Credential::inbox, &Credential::allow_responses,
       &Credential::everything, &Credential::ack_v2, &Credential::sigv4, &Credential::sigv4_connect,
       &Credential::sources, &Credential::connection_types, &Credential::times,
       &Credential::times_location, &Credential::not_before, &Credential::expires_at,
       &Credential::session_ttl, &Credential::max_sessions, &Credential::status,
       &Credential::secrets, &Credential::tags, &Credential::created_at, &Credential::created_by,
       &Credential::updated_at, &Credential::updated_by, &Credential::revoked_at,
       &Credential::revoked_by, &Credential::revoke_reason);
}

TEST_CASE("record_codec: the bytes of version 1 are what they always were", "[credential]") {
  // A failure here means that stores in the field can no longer be read: make a version 2.
  Credential oldest;
  oldest.inbox = Inbox::old_private;
  CHECK(hex(write_credential(oldest)) == "0192899e48d92560452bf2c3f96e4545d60401010e01011a0101");
  CHECK(read(write_credential(oldest)) == oldest);
  CHECK(hex(write_credential(Credential{})) ==
        "018e5ec74cee7335ed40bdaf9e2e2ccbd90401010e01031a0101");
  Credential first = made::full_credential();
  first.sigv4 = first.sigv4_connect = false;
  first.roles.clear();
  first.buckets = {};
  first.services = {};
  first.domain = "";
  first.secrets[0].sealed.clear();
  CHECK(hex(write_credential(first)) ==
        "01509fe53f2c656411ec7f9935e03a9fce011443474141415145415945415544414f43414a42490202ac"
        "0203164f7264657220736572766963652c205ac3bc726963680401040503415050060602657502757307"
        "01010801010901010a12086f72646572732e3e086576656e74732e2a0b07064f52444552530c0e076269"
        "6c6c696e670561756469740d1e01080102016102020162020a0104016301640202016503060101050201"
        "1e0e01020f0101100101110101122d15011000000000000000000000ffff0a0000000201681501102001"
        "0db800000000000000000000000002012000130401010104140c0a010380e101020390de0300150d4575"
        "726f70652f4265726c696e160580a4a7da06170580c7acda061802901c1901071a01021b8b0145010101"
        "0210313232626432373837326631646630630420a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5"
        "b6b7b8b9babbbcbdbebf050580a4a7da06060590c0a7da06440101020338554141514541594141414141"
        "414141414141414141414141414141414141414141414141414141414141414141414141414141414242"
        "5252050581a4a7da061c140c7465616d3d62696c6c696e6706656d7074793d1d0582a4a7da061e0a6c6f"
        "63616c3a726f6f741f0583a4a7da06200e6e6174733a41444d494e2f434742210584a4a7da06220b6c6f"
        "63616c3a616c69636523046c6f7374");
  Credential later;
  later.inbox = Inbox::old_private;
  later.sigv4 = later.sigv4_connect = true;
  later.secrets.emplace_back().sealed = "A";
  CHECK(hex(write_credential(later)).substr(34) ==
        "0401010e01011a01011b0706010101080141240101250101");
  Credential rights;
  rights.buckets = {.kv_read = {{.bucket = "a"}},
                    .kv_write = {{"b", "c"}},
                    .object_read = {"d"},
                    .object_write = {"e"}};
  rights.services = {.serve = {"f"}, .call = {"g"}};
  rights.domain = "h";
  CHECK(hex(write_credential(rights)).substr(34) ==
        "0401010e01031a0101"
        "261a"
        "0107060101610201"
        "3e"
        "0207060101620201"
        "63"
        "03020164"
        "04020165"
        "2708"
        "01020166"
        "02020167"
        "280168");
  Credential holder;
  holder.roles = {"i", "jk"};
  CHECK(hex(write_credential(holder)).substr(34) ==
        "0401010e01031a0101"
        "2905"
        "0169"
        "026a6b");
  Role role;
  role.revision = 1;
  role.name = "l";
  role.account = "M";
  role.publish = true;
  role.subjects = {"n"};
  role.created_by = "o";
  role.domain = "p";
  role.description = "q";
  CHECK(hex(write_role(role)).substr(34) == "02010103016c05014d0701010a02016e1e016f2801702a0171");
}

TEST_CASE(
    "record_codec: a record with its end cut off, one byte more or one bit changed is refused",
    "[credential]") {
  const std::string good = write_credential(made::full_credential());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(read(std::string_view{good}.substr(0, size)));
  }
  for (const char more : {'\0', '\1', '\x24', '\xFF'}) {
    REQUIRE_FALSE(read(good + more));
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    REQUIRE_FALSE(read(bad));
  }
}

TEST_CASE("record_codec: another version is refused, whatever its checksum", "[credential]") {
  REQUIRE(read(record(with("", "", ""))));
  for (const char version : {'\0', '\2', '\xFF'}) {
    CHECK_FALSE(read(record(with("", "", ""), version)));
  }
}

TEST_CASE(
    "record_codec: a value cut off anywhere is refused under a good checksum too, unless nothing "
    "is missing",
    "[credential]") {
  const std::string good = write_credential(made::full_credential()).substr(17);
  std::size_t readable = 0;
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto short_one = read(record(std::string_view{good}.substr(0, size)));
    // Only between two fields, and only after the last one that must be there.
    if (!short_one) continue;
    ++readable;
    CHECK(short_one->status == Status::suspended);
    CHECK(short_one->roles.empty());
  }
  CHECK(readable == 15);
}

TEST_CASE("record_codec: one changed bit under a good checksum never reads past the end or throws",
          "[credential]") {
  const std::string good = write_credential(made::full_credential()).substr(17);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    const auto other = read(record(bad));
    if (!other) continue;
    CAPTURE(bit);
    REQUIRE(read(write_credential(*other)) == other);
  }
}

TEST_CASE("record_codec: what no writer writes is refused under a good checksum", "[credential]") {
  const auto [what, value] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing, not even a kind", ""},
      {"no inbox and no status", from_hex(kKind)},
      {"a field of a later version", with("", "", "") + from_hex("24 00")},
      {"field 255", with("", "", "") + from_hex("ff 00")},
      {"field 0", with("", "", "") + from_hex("00 00")},
      {"field 0 first", with("00 00", "", "")},
      {"a field twice", with("01 01 41 01 01 41", "", "")},
      {"fields out of order", with("03 01 41 01 01 41", "", "")},
      {"a field without a length", with("", "", "") + from_hex("1c")},
      {"a length beyond the end", with("", "", "") + from_hex("1e 02 41")},
      {"a length of 2^64-1", with("", "", "") + from_hex("1e ffffffffffffffffff01")},
      {"a length of more than 64 bits", with("", "", "") + from_hex("1e 8080808080808080808001")},
      {"a length of 65 bits", with("", "", "") + from_hex("1e ffffffffffffffffff02")},
      {"a length that is longer than it needs", with("", "", "") + from_hex("1e 8100 41")},
      {"a number that is longer than it needs", with("02 02 8100", "", "")},
      {"a number without bytes", with("02 00", "", "")},
      {"two numbers in one field", with("02 02 0101", "", "")},
      {"a number of 65 bits", with("02 0a ffffffffffffffffff02", "", "")},
      {"a flag of 2", with("", "07 01 02", "")},
      {"a count of sessions at 2^32", with("", "", "19 05 8080808010")},
      {"a moment before 1970", with("", "", "16 0a ffffffffffffffffff01")},
      {"a moment beyond all years", with("", "", "16 06 81d8d08fec5b")},
      {"a duration at 2^63", with("", "", "18 0a 80808080808080808001")},
      {"kind 0", from_hex("04 01 00 0e 01 01 1a 01 01")},
      {"kind 7", from_hex("04 01 07 0e 01 01 1a 01 01")},
      {"kind 257", from_hex("04 02 8102 0e 01 01 1a 01 01")},
      {"inbox 4", from_hex("04 01 01 0e 01 04 1a 01 01")},
      {"inbox 0", from_hex("04 01 01 0e 01 00 1a 01 01")},
      {"status 4", from_hex("04 01 01 0e 01 01 1a 01 04")},
      {"status 0", from_hex("04 01 01 0e 01 01 1a 01 00")},
      {"a connection type of 5", with("", "", "13 02 01 05")},
      {"a range of 257 bits", with("", "", "12 05 04 02 02 8102")},
      {"an address of 4 bytes", with("", "", "12 07 06 01 04 0a000000")},
      {"a list whose last item is cut off", with("", "06 03 01 41 01", "")},
      {"a secret without a scheme", with("", "", "") + from_hex("1b 01 00")},
      {"a secret of scheme 7", with("", "", "") + from_hex("1b 04 03 01 01 07")},
      {"a secret of scheme 0", with("", "", "") + from_hex("1b 04 03 01 01 00")},
      {"an empty password hash", with("", "", "") + from_hex("1b 06 05 01 01 03 07 00")},
      {"a secret with a field too many", with("", "", "") + from_hex("1b 07 06 01 01 01 0a 01 41")},
      {"a hash of one byte", with("", "", "") + from_hex("1b 07 06 01 01 01 04 01 aa")},
  }));
  CAPTURE(what);
  CHECK_FALSE(read(record(value)));
}

TEST_CASE("record_codec: the nearest that a writer does write is read", "[credential]") {
  const auto [what, value] = GENERATE_COPY(table<const char*, std::string>({
      {"nothing but what must be there", with("", "", "")},
      {"a text", with("01 01 41", "", "")},
      {"a number of two bytes", with("02 02 8101", "", "")},
      {"a number of 64 bits", with("02 0a ffffffffffffffffff01", "", "")},
      {"a flag", with("", "07 01 01", "")},
      {"the last count of sessions", with("", "", "19 05 ffffffff0f")},
      {"the last of all years", with("", "", "16 06 80d8d08fec5b")},
      {"the last kind, inbox and status", from_hex("04 01 06 0e 01 03 1a 01 03")},
      {"the last connection type", with("", "", "13 02 01 04")},
      {"a range of 128 bits", with("", "", "12 05 04 02 02 8001")},
      {"an address", with("", "", "12 13 12 01 10 00000000000000000000ffff0a000000")},
      {"a list", with("", "06 04 01 41 01 42", "")},
      {"a secret", with("", "", "") + from_hex("1b 04 03 01 01 02")},
      {"a secret of the last scheme", with("", "", "") + from_hex("1b 04 03 01 01 06")},
      {"a secret with a password hash", with("", "", "") + from_hex("1b 07 06 01 01 03 07 01 24")},
      {"the last field", with("", "", "") + from_hex("23 01 41")},
  }));
  CAPTURE(what);
  const auto credential = read(record(value));
  REQUIRE(credential);
  CHECK(write_credential(*credential) == record(value));
}

TEST_CASE("record_codec: a record is refused unread when it is too large", "[credential]") {
  Credential c;
  c.name = std::string(kMaxRecordBytes, 'x');
  CHECK_FALSE(read(write_credential(c)));
  c.name = std::string(kMaxRecordBytes - 100, 'x');
  CHECK(read(write_credential(c)) == c);
}

}  // namespace
}  // namespace auth
