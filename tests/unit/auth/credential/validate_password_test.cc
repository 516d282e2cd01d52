// What a record of a password must hold besides.

#include <functional>

#include "auth/credential/password_hash.h"
#include "auth/credential/validate.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

Credential good() {
  Credential c;
  c.id = "CGAAAAAAAAAAAAAAAAAA";
  c.kind = Kind::password;
  c.name = "n";
  c.account = "A";
  c.publish = true;
  c.subjects = {"a"};
  c.secrets = {{.scheme = Scheme::argon2id,
                .login = "bob",
                .created_at = Time{},
                .password_hash = decoy_password_hash({.memory_bytes = 8 << 10, .iterations = 1})}};
  return c;
}

TEST_CASE("validate_password: a password has a login and a hash that can be verified",
          "[credential]") {
  struct Row {
    const char* what;
    std::function<void(Credential&, StoredSecret&)> change;
    const char* field;  // empty where the record is good
  };
  const auto row = GENERATE(values<Row>({
      {"as it is", [](Credential&, StoredSecret&) {}, ""},
      {"bcrypt",
       [](Credential&, StoredSecret& s) {
         s.scheme = Scheme::bcrypt;
         s.password_hash = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
       },
       ""},
      {"a login of 255 bytes",
       [](Credential&, StoredSecret& s) { s.login = std::string(255, 'x'); }, ""},
      {"a login of 256 bytes",
       [](Credential&, StoredSecret& s) { s.login = std::string(256, 'x'); }, "login"},
      {"a login with a line feed", [](Credential&, StoredSecret& s) { s.login = "bob\n"; },
       "login"},
      {"no login", [](Credential&, StoredSecret& s) { s.login = ""; }, "login"},
      {"a login that is not UTF-8", [](Credential&, StoredSecret& s) { s.login = "\xFF"; },
       "login"},
      {"a login in the form of an id",
       [](Credential&, StoredSecret& s) { s.login = "CGBBBBBBBBBBBBBBBBBB"; }, "login"},
      {"no hash", [](Credential&, StoredSecret& s) { s.password_hash = ""; }, "password_hash"},
      {"a password in place of the hash",
       [](Credential&, StoredSecret& s) { s.password_hash = "hunter2"; }, "password_hash"},
      {"a hash that costs too much",
       [](Credential&, StoredSecret& s) {
         s.password_hash.replace(s.password_hash.find("m=8,"), 4, "m=524288,");
       },
       "password_hash"},
      {"a second secret without a hash",
       [](Credential& c, StoredSecret&) {
         c.secrets.push_back(c.secrets[0]);
         c.secrets[1].password_hash = "";
       },
       "password_hash"},
      {"none of it, for a key",
       [](Credential& c, StoredSecret& s) {
         c.kind = Kind::key;
         s.login = "";
         s.password_hash = "";
       },
       ""},
  }));
  CAPTURE(row.what);
  Credential c = good();
  row.change(c, c.secrets[0]);
  const auto wrong = validate(c);
  CHECK((wrong ? wrong->field : "") == row.field);
  // The hash itself is shown to nobody.
  if (wrong) CHECK(wrong->message.find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace auth
