// In operator mode every client presents a user JWT: its own, or that of a sentinel, which only
// opens the way to the callout.

#include "auth/decision/proof.h"
#include "tests/support/catch.h"
#include "tests/support/make_proof.h"

namespace auth {
namespace {

using made::joined;
using made::kId;
using made::kNonce;
using made::padded_form;
using made::url_form;

std::string ticket() {
  return made::user_jwt(made::text(made::sentinel()));
}

std::string own_jwt() {
  return made::user_jwt(made::text(made::client()));
}

struct Row {
  const char* what;
  Json connect_opts;
  std::string seen;
};

void check(const Row& row) {
  CAPTURE(row.what);
  CHECK(made::seen(made::request_of(row.connect_opts, kNonce), made::operator_mode()) == row.seen);
}

TEST_CASE("proof_operator: a sentinel's JWT is a ticket, and what lies beside it is judged",
          "[decision]") {
  const auto with_ticket = [](const Json& connect) {
    return joined({{"jwt", ticket()}, {"sig", url_form(made::sentinel())}}, connect);
  };
  const std::string id = kId;
  const std::string own_nkey = made::text(made::sentinel());
  check(GENERATE_COPY(values<Row>({
      {"a key", with_ticket({{"user", id}, {"pass", "s3cret"}}), "key " + id + " by secret s3cret"},
      {"a password", with_ticket({{"user", "dlc"}, {"pass", "zzz"}}),
       "password dlc by password zzz"},
      {"a token", with_ticket({{"auth_token", id + ".s3cret"}}),
       "token " + id + " by secret s3cret"},
      {"a token as the user", with_ticket({{"user", "tok"}}), made::seen_token("tok")},
      {"an opaque token", with_ticket({{"auth_token", "tok"}}), made::seen_token("tok")},
      {"nothing", with_ticket(Json::object()), "no_proof"},
      {"nothing, from a bearer", {{"jwt", ticket()}}, "no_proof"},

      {"its own nkey and nothing else", with_ticket({{"nkey", own_nkey}}), "no_proof"},
      {"its own nkey and a key",
       with_ticket({{"nkey", own_nkey}, {"user", id}, {"pass", "s3cret"}}),
       "key " + id + " by secret s3cret"},
      {"another nkey", with_ticket({{"nkey", made::text(made::client())}, {"sig", url_form()}}),
       made::seen_nkey()},
      {"another nkey, and a key beside",
       with_ticket({{"nkey", made::text(made::client())},
                    {"sig", url_form()},
                    {"user", id},
                    {"pass", "s3cret"}}),
       made::seen_nkey()},
      {"another nkey without a signature",
       {{"jwt", ticket()}, {"nkey", made::text(made::client())}},
       "no_proof"},
      {"an nkey that is none", with_ticket({{"nkey", "U"}, {"user", id}, {"pass", "s3cret"}}),
       "malformed: user_nkey"},
  })));
}

TEST_CASE(
    "proof_operator: MQTT presents the ticket as its password, and what it proves as its user",
    "[decision]") {
  const auto mqtt = [](const std::string& user) {
    return Json{{"user", user}, {"pass", ticket()}, {"auth_token", ticket()}, {"jwt", ticket()}};
  };
  const std::string id = kId;
  check(GENERATE_COPY(values<Row>({
      {"a token of ours", mqtt(id + ".s3cret"), "token " + id + " by secret s3cret"},
      {"an opaque token", mqtt("tok"), made::seen_token("tok")},
      {"an id, which proves nothing", mqtt(id), made::seen_token(id)},
      {"a malformed token", mqtt(id + ".s3.cret"), "malformed: token_form"},
      {"no user", mqtt(""), "no_proof"},
      {"the ticket as the user too", mqtt(ticket()), made::seen_token(ticket())},
      {"an own token beside", joined(mqtt("dlc"), {{"auth_token", "tok"}}),
       made::seen_token("tok")},
      {"an own password beside", joined(mqtt("dlc"), {{"pass", "zzz"}}),
       "password dlc by password zzz"},
  })));
}

TEST_CASE("proof_operator: a certificate counts beside a ticket too", "[decision]") {
  const Json tls = made::verified(made::certificate("p-256.pem"));
  CHECK(made::seen(made::request_of({{"jwt", ticket()}}, kNonce, tls), made::operator_mode()) ==
        made::seen_certificate());
}

TEST_CASE(
    "proof_operator: any other user JWT is presented as creds, by the signature of its subject",
    "[decision]") {
  const std::string nkey = made::text(made::client());
  const Json good = {{"jwt", own_jwt()}, {"sig", url_form()}};
  check(GENERATE_COPY(values<Row>({
      {"as it is", good, made::seen_creds()},
      {"with padded base64", joined(good, {{"sig", padded_form()}}), made::seen_creds()},
      {"with its nkey", joined(good, {{"nkey", nkey}}), made::seen_creds()},
      {"with a key beside", joined(good, {{"user", kId}, {"pass", "s3cret"}}), made::seen_creds()},
      {"with a token beside", joined(good, {{"auth_token", "tok"}}), made::seen_creds()},
      {"with another nkey", joined(good, {{"nkey", made::text(made::sentinel())}}),
       "malformed: other_nkey"},
      {"with another nkey and its signature",
       joined(good, {{"nkey", made::text(made::sentinel())}, {"sig", url_form(made::sentinel())}}),
       "malformed: other_nkey"},
      {"with an nkey that is none", joined(good, {{"nkey", "U"}}), "malformed: other_nkey"},
      {"with a signature that is none", joined(good, {{"sig", "zzz"}}),
       "malformed: nonce_signature"},
      {"without a signature", {{"jwt", own_jwt()}}, "no_proof"},
      {"without a signature beside a good key",
       {{"jwt", own_jwt()}, {"user", kId}, {"pass", "s3cret"}},
       "no_proof"},
      {"without a signature, as MQTT sends it",
       {{"user", "tok"}, {"pass", own_jwt()}, {"auth_token", own_jwt()}, {"jwt", own_jwt()}},
       "no_proof"},
      {"an account's JWT", joined(good, {{"jwt", made::user_jwt(made::text(made::issuer()))}}),
       "malformed: user_nkey"},
      {"a JWT of nobody", joined(good, {{"jwt", made::user_jwt("")}}), "malformed: user_nkey"},
      {"a sentinel in small letters",
       joined(good, {{"jwt", made::user_jwt("u" + made::text(made::sentinel()).substr(1))}}),
       "malformed: user_nkey"},
  })));
}

TEST_CASE("proof_operator: creds without a nonce prove nothing", "[decision]") {
  const Json creds = {{"jwt", own_jwt()}, {"sig", url_form()}};
  CHECK(made::seen(made::request_of(creds), made::operator_mode()) == "no_proof");
  const Json signed_nothing = {{"jwt", own_jwt()}, {"sig", url_form(made::client(), "")}};
  CHECK(made::seen(made::request_of(signed_nothing), made::operator_mode()) == "no_proof");
}

TEST_CASE("proof_operator: a user JWT that is none is malformed, whatever lies beside it",
          "[decision]") {
  const std::string good = own_jwt();
  const auto [what, jwt] = GENERATE_COPY(table<const char*, std::string>({
      {"a word", "zzz"},
      {"a header", "eyJ0eXAi"},
      {"cut off", good.substr(0, good.size() - 1)},
      {"without its signature", good.substr(0, good.rfind('.'))},
      {"something after", good + "\n"},
      {"claims that are a list", write_jwt("[]", made::issuer())},
      {"claims that are none", write_jwt("{", made::issuer())},
  }));
  CAPTURE(what);
  const auto beside = GENERATE(values<Json>({
      Json::object(),
      {{"user", made::kId}, {"pass", "s3cret"}},
      {{"auth_token", "tok"}},
  }));
  check({what, joined({{"jwt", jwt}, {"sig", url_form()}}, beside), "malformed: user_jwt"});
}

TEST_CASE(
    "proof_operator: claims without a subject, or with one that is not a string, are nobody's",
    "[decision]") {
  const auto* claims = GENERATE("{}", R"({"sub":7})", R"({"sub":null})", R"({"SUB":"x"})");
  CAPTURE(claims);
  const std::string jwt = write_jwt(claims, made::issuer());
  check({claims, {{"jwt", jwt}, {"sig", url_form()}}, "malformed: user_nkey"});
  check({claims, {{"jwt", jwt}}, "no_proof"});
}

TEST_CASE("proof_operator: each of several sentinels is one, and none is where none is named",
          "[decision]") {
  const std::string second = made::text(made::client());
  const Json connect = {{"jwt", own_jwt()}, {"sig", url_form()}, {"user", "dlc"}, {"pass", "zzz"}};
  const Request request = made::request_of(connect, kNonce);
  ServerMode mode = made::operator_mode();
  CHECK(made::seen(request, mode) == made::seen_creds());
  mode.sentinels.push_back(second);
  CHECK(made::seen(request, mode) == "password dlc by password zzz");
  mode.sentinels.clear();
  CHECK(made::seen(request, mode) == made::seen_creds());
}

TEST_CASE(
    "proof_operator: in configuration mode a user JWT is looked at by nobody, even a sentinel's",
    "[decision]") {
  const Request request = made::request_of({{"jwt", ticket()},
                                            {"sig", url_form()},
                                            {"nkey", made::text(made::client())},
                                            {"user", "dlc"},
                                            {"pass", ticket()},
                                            {"auth_token", ticket()}},
                                           kNonce);
  const ServerMode mode{.operator_mode = false, .sentinels = {made::text(made::sentinel())}};
  CHECK(made::seen(request, mode) == made::seen_nkey());
  const Request creds = made::request_of({{"jwt", own_jwt()}, {"sig", url_form()}}, kNonce);
  CHECK(made::seen(creds, mode) == "no_proof");
  const Request mqtt = made::request_of({{"user", "dlc"}, {"pass", "x"}, {"jwt", "x"}}, kNonce);
  CHECK(made::seen(mqtt, mode) == "password dlc by password x");
}

}  // namespace
}  // namespace auth
