#include "auth/decision/proof.h"

#include "tests/support/catch.h"
#include "tests/support/make_proof.h"

namespace auth {
namespace {

using made::joined;
using made::kId;
using made::kNonce;
using made::nkey_opts;
using made::padded_form;
using made::url_form;

const Json kGoodKey = {{"user", kId}, {"pass", "s3cret"}};

// With a nonce from the server.
struct Row {
  const char* what;
  Json connect_opts;
  std::string seen;
};

void check(const Row& row) {
  CAPTURE(row.what);
  CHECK(made::seen(made::request_of(row.connect_opts, kNonce)) == row.seen);
}

TEST_CASE("proof: an id and its secret are presented wherever a client sends user and password",
          "[decision]") {
  const auto [what, connect] = GENERATE_COPY(table<const char*, Json>({
      {"a client", joined(kGoodKey, {{"lang", "go"}, {"protocol", 1}})},
      {"MQTT on 2.10.27",
       joined(kGoodKey, {{"jwt", "s3cret"}, {"auth_token", "s3cret"}, {"protocol", 0}})},
      {"MQTT on later servers", joined(kGoodKey, {{"auth_token", "s3cret"}, {"protocol", 0}})},
      {"a leafnode", joined(kGoodKey, {{"name", "leaf"}, {"version", "2.10.27"}, {"protocol", 3}})},
      {"a sentinel beside", joined(kGoodKey, {{"jwt", "eyJ0eXAi"}, {"sig", url_form()}})},
      {"a signature beside", joined(kGoodKey, {{"sig", url_form()}})},
      {"a token beside", joined(kGoodKey, {{"auth_token", "another"}})},
  }));
  check({what, connect, std::string("key ") + kId + " by secret s3cret"});
}

TEST_CASE(
    "proof: an nkey is presented with a signature in either spelling, whatever lies beside it",
    "[decision]") {
  REQUIRE(url_form().find('-') != std::string::npos);
  REQUIRE(url_form().find('_') != std::string::npos);
  const auto [what, connect] = GENERATE_COPY(table<const char*, Json>({
      {"base64url", nkey_opts(url_form())},
      {"padded base64", nkey_opts(padded_form())},
      {"creds of JavaScript and Java", joined(nkey_opts(url_form()), {{"jwt", "eyJ0eXAi"}})},
      {"user and password beside", joined(nkey_opts(url_form()), kGoodKey)},
      {"a token beside", joined(nkey_opts(padded_form()), {{"auth_token", "t"}})},
  }));
  check({what, connect, made::seen_nkey()});
}

TEST_CASE("proof: a signature is presented and not judged", "[decision]") {
  Signature other = made::client().sign(kNonce);
  other[0] ^= 1;
  const Request request = made::request_of(nkey_opts(write_base64url(other)), kNonce);
  const auto shown = identify(request, {}, made::master_keys());
  REQUIRE(shown);
  const auto& proof = std::get<SignatureProof>(shown->proof);
  CHECK(proof.signature == other);
  CHECK(proof.key == made::client().public_key());
}

TEST_CASE("proof: a user that is not an id is a password's login", "[decision]") {
  const auto login = [](const std::string& user) { return Json{{"user", user}, {"pass", "zzz"}}; };
  const auto password = [](const std::string& pass) {
    return Json{{"user", "dlc"}, {"pass", pass}};
  };
  const auto by = [](const std::string& user, const std::string& pass) {
    return "password " + user + " by password " + pass;
  };
  const std::string id = kId;
  check(GENERATE_COPY(values<Row>({
      {"a word", login("dlc"), by("dlc", "zzz")},
      {"a token beside", joined(login("dlc"), {{"auth_token", "tok"}}), by("dlc", "zzz")},
      {"the same token beside, as MQTT sends it",
       joined(login("dlc"), {{"auth_token", "zzz"}, {"jwt", "zzz"}}), by("dlc", "zzz")},
      {"not only ASCII", login("Zürich 7"), by("Zürich 7", "zzz")},
      {"an id in small letters", login("cgaaaaaaaaaaaaaaaaaa"), by("cgaaaaaaaaaaaaaaaaaa", "zzz")},
      {"an id as a prefix", login(id + "A"), by(id + "A", "zzz")},
      {"a public key", login(made::text(made::client())), by(made::text(made::client()), "zzz")},
      {"the longest login", login(std::string(255, 'u')), by(std::string(255, 'u'), "zzz")},
      {"a longer one", login(std::string(256, 'u')), "malformed: user_name"},
      {"a login with a NUL", login(id + '\0'), "malformed: user_name"},
      {"a login with a line feed", login("dlc\nid=x"), "malformed: user_name"},
      {"a login with DEL", login("dlc\x7F"), "malformed: user_name"},
      {"a login with a C1 control", login("dlc\u0085"), "malformed: user_name"},
      {"a login that is read from the right", login("dlc\u202E"), "malformed: user_name"},
      {"a password of bytes that nobody can print", password("\x01\n\x7F"),
       by("dlc", "\x01\n\x7F")},
      {"the longest password", password(std::string(1024, 'p')), by("dlc", std::string(1024, 'p'))},
      {"a longer one", password(std::string(1025, 'p')), "malformed: password"},
      {"a password of 4 KB", password(std::string(4096, 'p')), "malformed: password"},
      {"a password with a NUL", password(std::string{"z\0z", 3}), "malformed: password"},
  })));
}

TEST_CASE("proof: a secret is of any length, since a hash of it costs nothing", "[decision]") {
  const std::string long_one(100'000, 's');
  check({"a long secret",
         {{"user", kId}, {"pass", long_one}},
         std::string("key ") + kId + " by secret " + long_one});
}

TEST_CASE(
    "proof: a token is an id and a secret, or was made elsewhere and goes by its keyed hashes",
    "[decision]") {
  const auto token = [](const std::string& text) { return Json{{"auth_token", text}}; };
  const std::string id = kId;
  const std::string own = "token " + id + " by secret s3cret";
  check(GENERATE_COPY(values<Row>({
      {"ours", token(id + ".s3cret"), own},
      {"ours as the user", {{"user", id + ".s3cret"}}, own},
      {"ours as a leafnode sends it",
       {{"user", id + ".s3cret"}, {"auth_token", id + ".s3cret"}},
       own},
      {"ours beside another user", {{"user", "dlc"}, {"auth_token", id + ".s3cret"}}, own},
      {"an id with an empty secret", token(id + "."), "token " + id + " by secret "},
      {"one dot too many", token(id + ".s3.cret"), "malformed: token_form"},
      {"a dot after", token(id + ".s3cret."), "malformed: token_form"},
      {"two dots", token(id + "..s3cret"), "malformed: token_form"},

      {"another's", token("tok"), made::seen_token("tok")},
      {"another's as the user", {{"user", "tok"}}, made::seen_token("tok")},
      {"another's as a leafnode sends it",
       {{"user", "tok"}, {"auth_token", "tok"}},
       made::seen_token("tok")},
      {"with dots, as a JWT has them", token("a.b.c"), made::seen_token("a.b.c")},
      {"a dot and a secret", token(".s3cret"), made::seen_token(".s3cret")},
      {"an id alone", token(id), made::seen_token(id)},
      {"an id without a password", {{"user", id}}, made::seen_token(id)},
      {"an id and a token", {{"user", id}, {"auth_token", "s3cret"}}, made::seen_token("s3cret")},
      {"an id in small letters", token("cgaaaaaaaaaaaaaaaaaa.s"),
       made::seen_token("cgaaaaaaaaaaaaaaaaaa.s")},
      {"an id after a space", token(" " + id + ".s3cret"), made::seen_token(" " + id + ".s3cret")},
      {"a text with a NUL", token(std::string{"t\0k", 3}), made::seen_token({"t\0k", 3})},
      {"the longest", token(std::string(4096, 't')), made::seen_token(std::string(4096, 't'))},
      {"a longer one", token(std::string(4097, 't')), "malformed: token_length"},
      {"a longer one of ours", token(id + "." + std::string(4096, 't')), "malformed: token_length"},
  })));
}

TEST_CASE("proof: an opaque token has one login for each master key, the newest first",
          "[decision]") {
  const Request request = made::request_of({{"auth_token", "tok"}});
  const auto shown = identify(request, {}, made::master_keys());
  REQUIRE(shown);
  CHECK(shown->logins == std::vector<Login>{{Kind::token, made::master(2).token_login("tok")},
                                            {Kind::token, made::master(1).token_login("tok")}});
}

TEST_CASE("proof: a certificate is presented where the server has verified it, and nothing else is",
          "[decision]") {
  struct Tls {
    const char* what;
    Json client_tls;
    std::string seen;
  };
  const std::string pem = made::certificate("p-256.pem");
  const std::string other = made::certificate("rsa-2048.pem");
  const auto chain = [](const std::string& leaf) {
    return Json::array({leaf, made::certificate("ed25519.pem")});
  };
  const auto chains = [](const Json& list) { return Json{{"verified_chains", list}}; };
  const auto row = GENERATE_COPY(values<Tls>({
      {"verified", made::verified(pem), made::seen_certificate()},
      {"without its issuer", chains(Json::array({Json::array({pem})})), made::seen_certificate()},
      {"the first of two chains", chains(Json::array({chain(pem), chain(other)})),
       made::seen_certificate()},
      {"not verified", {{"certs", Json::array({pem})}}, "no_proof"},
      {"verified beside others that are not",
       joined(made::verified(pem), {{"certs", Json::array({other})}}), made::seen_certificate()},
      {"no chain", chains(Json::array()), "no_proof"},
      {"an empty chain", chains(Json::array({Json::array()})), "no_proof"},
      {"an empty chain before another", chains(Json::array({Json::array(), chain(pem)})),
       "no_proof"},
      {"a chain that is a text", chains(Json::array({pem})), "no_proof"},
      {"chains that are a text", chains(pem), "no_proof"},
      {"a certificate that is a number", chains(Json::array({Json::array({7, pem})})), "no_proof"},
      {"an empty certificate", chains(Json::array({Json::array({"", pem})})), "no_proof"},
      {"TLS that is a list", Json::array({pem}), "no_proof"},
      {"garbage", made::verified("garbage"), "malformed: certificate"},
      {"garbage within",
       made::verified("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
       "malformed: certificate"},
      {"a certificate that is cut off", made::verified(pem.substr(0, pem.size() / 2)),
       "malformed: certificate"},
  }));
  CAPTURE(row.what);
  CHECK(made::seen(made::request_of(Json::object(), "", row.client_tls)) == row.seen);
}

TEST_CASE("proof: the first proof by the order of the rules is judged, and no other",
          "[decision]") {
  const std::string id = kId;
  const Json bad_nkey = {{"nkey", made::text(made::client())}, {"sig", "zzz"}};
  const Json bad_password = {{"user", "dlc"}, {"pass", std::string(4096, 'p')}};
  const Json bad_token = {{"auth_token", id + ".s3.cret"}};
  const Json good_token = {{"auth_token", "tok"}};
  const auto [what, connect, expected] = GENERATE_COPY(table<const char*, Json, std::string>({
      {"an nkey before all", joined(joined(nkey_opts(url_form()), kGoodKey), good_token),
       made::seen_nkey()},
      {"user and password before a token", joined(kGoodKey, good_token),
       "key " + id + " by secret s3cret"},
      {"a token before a certificate", good_token, made::seen_token("tok")},
      {"a user alone before a certificate", {{"user", "tok"}}, made::seen_token("tok")},
      {"a certificate at last", Json::object(), made::seen_certificate()},
      {"a certificate beside a password without a user",
       {{"pass", "zzz"}},
       made::seen_certificate()},
      {"a bad nkey", joined(joined(bad_nkey, kGoodKey), good_token), "malformed: nonce_signature"},
      {"an nkey without a signature", joined({{"nkey", made::text(made::client())}}, kGoodKey),
       "no_proof"},
      {"a bad password", joined(bad_password, good_token), "malformed: password"},
      {"a bad token", bad_token, "malformed: token_form"},
  }));
  CAPTURE(what);
  const Json tls = made::verified(made::certificate("p-256.pem"));
  CHECK(made::seen(made::request_of(connect, kNonce, tls)) == expected);
}

TEST_CASE("proof: what cannot be judged is denied, and a failed proof falls through to no other",
          "[decision]") {
  struct Bad {
    const char* what;
    Json connect_opts;
    const char* nonce;
    const char* seen;
  };
  const std::string key = made::text(made::client());
  const auto bad = GENERATE_COPY(values<Bad>({
      {"nothing", Json::object(), "", "no_proof"},
      {"nothing but a version", {{"lang", "go"}, {"protocol", 1}}, kNonce, "no_proof"},
      {"a password alone", {{"pass", "s3cret"}}, "", "no_proof"},
      {"a JWT alone", {{"jwt", "eyJ0eXAi"}}, "", "no_proof"},
      {"a signature alone", {{"sig", url_form()}}, kNonce, "no_proof"},
      {"a JWT and its signature", {{"jwt", "eyJ0eXAi"}, {"sig", url_form()}}, kNonce, "no_proof"},
      {"empty texts",
       {{"user", ""}, {"pass", ""}, {"auth_token", ""}, {"nkey", ""}},
       "",
       "no_proof"},

      {"an nkey that signs nothing", {{"nkey", key}}, kNonce, "no_proof"},
      {"an nkey with an empty signature", nkey_opts(""), kNonce, "no_proof"},
      {"an nkey without a nonce", nkey_opts(url_form()), "", "no_proof"},
      {"the same beside a good key", joined(nkey_opts(url_form()), kGoodKey), "", "no_proof"},
      {"a bad nkey beside a good key", joined({{"nkey", "U"}, {"sig", url_form()}}, kGoodKey),
       kNonce, "malformed: user_nkey"},
      {"an account's key",
       {{"nkey", made::text(made::issuer())}, {"sig", url_form()}},
       kNonce,
       "malformed: user_nkey"},
      {"a curve key",
       {{"nkey", made::text(made::key(Prefix::curve, 3))}, {"sig", url_form()}},
       kNonce,
       "malformed: user_nkey"},
      {"an nkey in small letters",
       {{"nkey", "u" + key.substr(1)}, {"sig", url_form()}},
       kNonce,
       "malformed: user_nkey"},
      {"an nkey with a space after",
       {{"nkey", key + " "}, {"sig", url_form()}},
       kNonce,
       "malformed: user_nkey"},
      {"a seed in place of the key",
       {{"nkey", made::client().seed().view()}, {"sig", url_form()}},
       kNonce,
       "malformed: user_nkey"},

      {"the signature zzz", nkey_opts("zzz"), kNonce, "malformed: nonce_signature"},
      {"a signature of 63 bytes", nkey_opts(std::string(84, 'A')), kNonce,
       "malformed: nonce_signature"},
      {"a signature of 65 bytes", nkey_opts(std::string(87, 'A')), kNonce,
       "malformed: nonce_signature"},
      {"a long signature", nkey_opts(std::string(100'000, 'A')), kNonce,
       "malformed: nonce_signature"},
      {"base64url with padding", nkey_opts(url_form() + "=="), kNonce,
       "malformed: nonce_signature"},
      {"base64 without padding", nkey_opts(padded_form().substr(0, 86)), kNonce,
       "malformed: nonce_signature"},
      {"half the padding", nkey_opts(padded_form().substr(0, 87)), kNonce,
       "malformed: nonce_signature"},
      {"a line feed after", nkey_opts(url_form() + "\n"), kNonce, "malformed: nonce_signature"},
  }));
  CAPTURE(bad.what);
  CHECK(made::seen(made::request_of(bad.connect_opts, bad.nonce)) == bad.seen);
}

TEST_CASE("proof: what the server says of the user is not a proof", "[decision]") {
  Json claims = made::without("/nats/connect_opts");
  claims["nats"]["client_info"]["user"] = kId;
  CHECK(made::seen(made::request(claims)) == "no_proof");
}

}  // namespace
}  // namespace auth
