#pragma once
// What clients send to prove who they are, and what of it is judged.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "auth/base/base64.h"
#include "auth/base/json.h"
#include "auth/credential/master_key.h"
#include "auth/decision/proof.h"
#include "tests/support/make_request.h"

namespace auth::made {

inline constexpr const char* kId = "CGAAAAAAAAAAAAAAAAAA";
inline constexpr const char* kOtherId = "CGBBBBBBBBBBBBBBBBBB";
// The client's signature over it has both letters in which the two alphabets differ.
inline constexpr const char* kNonce = "l0rCcd3X3Vzsg-Q";

MasterKey master(std::uint8_t fill);

// The gateway's, the newest first.
MasterKeys make_master_keys();
const MasterKeys& master_keys();

// The subject of the user JWT that only opens the way to the callout.
const KeyPair& sentinel();

ServerMode operator_mode();

std::string user_jwt(const std::string& subject);

// As Go, C, Java and Rust clients write it.
std::string url_form(const KeyPair& by = client(), std::string_view nonce = kNonce);

// As Python and JavaScript clients write it.
std::string padded_form(const KeyPair& by = client());

Json nkey_opts(const std::string& sig);

Json joined(Json one, const Json& other);

std::string certificate(const std::string& name);

// What the server says of a client whose certificate it has verified.
Json verified(const std::string& pem);

// What the openssl command prints of p-256.pem, in our spelling.
inline constexpr const char* kCertificateLogin =
    "sha256:ba17e3b962eb4337bc07a838ab893aa8875640b444e7ec0b5757194bc0805d92";
inline constexpr const char* kPublicKeyLogin =
    "spki-sha256:e1249c119ad025143c892180d8074de389d426150227dfe22a0aa1d057923018";

// What a row of a table expects: all that matters of what was presented as one text, such as
// "key CGAA… by secret s3cret", or the denial.
std::string seen(const Result<Identity, Denial>& shown);

// The reason, with its detail: "malformed: password".
std::string seen(const Denial& denial);

std::string seen(const Request& request, const ServerMode& mode = {});

std::string seen_token(const std::string& token);

std::string seen_nkey(const KeyPair& pair = client());

std::string seen_creds(const KeyPair& pair = client());

std::string seen_certificate();

}  // namespace auth::made
