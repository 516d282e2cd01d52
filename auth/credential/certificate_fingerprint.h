#pragma once
// Fingerprints that identify a client's certificate: of the certificate itself, and of its public
// key, which survives a renewal.
// Source: RFC 7468 (the text), RFC 5280 §4.1 and §4.2.1.9 (what is in it), RFC 7469 §2.4 (the key's
// pin).
//
// Why not libcrypto, which is in the process by way of nats.c: d2i_X509() takes lengths of BER that
// nats-server's Go refuses, and i2d_X509_PUBKEY() writes the key anew rather than give its bytes as
// they are there, so that two certificates have one pin. It also decodes names, extensions and keys
// of strangers beside our signing keys. Two ranges of bytes are all that is needed here: a hundred
// lines, without allocation or recursion, which tests/fuzz/certificate.cc fuzzes.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/credential/credential.h"

namespace auth {

inline constexpr std::size_t kMaxCertificateBytes = 64 * 1024;

// SHA-256 of the certificate's DER, and of that of its SubjectPublicKeyInfo.
struct Fingerprints {
  Hash32 certificate{};
  Hash32 public_key{};
  // Whether it says that it signs others (basicConstraints, CA:TRUE). False for extensions that
  // cannot be read: nobody is kept out by them.
  bool authority = false;
  bool operator==(const Fingerprints&) const = default;
};

// The first "-----BEGIN CERTIFICATE-----" of `pem`, as nats-server sends it and as files have it:
// other text before and after, lines that end with LF or CRLF. Absent for anything but one whole
// certificate in DER, and for more than kMaxCertificateBytes. Signatures and dates are not checked:
// nats-server has done that, and has verified that the client holds the private key.
std::optional<Fingerprints> read_certificate(std::string_view pem);

std::string certificate_login(const Hash32& certificate);  // "sha256:" and 64 lower-case hex digits
std::string public_key_login(const Hash32& public_key);    // "spki-sha256:" and the same

// One of these two logins in its canonical form: lower case. A certificate's fingerprint is read
// also as `openssl x509 -fingerprint -sha256` prints it, with what is before the "=" or without.
// Absent for anything else, including 64 bare digits, which do not say what was hashed.
std::optional<std::string> read_fingerprint(std::string_view text);

}  // namespace auth
