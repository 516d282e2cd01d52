#pragma once
// Rights on JetStream's key-value and object store buckets, and the subjects that clients use for
// them: those of nats.js, nats.go, nats.py and nats.c. A bucket is a stream, KV_<bucket> or
// OBJ_<bucket>.
// Source: ADR-8, ADR-20.
//
// What subjects cannot confine, because it is in the body of a request or in a header; unconfined()
// says it of given rights. All of it was seen on nats-server 2.10.27 and 2.15.1.
//  - CONSUMER.CREATE makes durable consumers too, and changes the consumer that has the name
//    already: with an inactive_threshold of a millisecond it is gone. So whoever may watch a bucket
//    can end any consumer of it whose name it knows, and can let its own deliver to any subject of
//    the account (`jetstream_api.go` jsConsumerCreateRequest: the subject has the stream, the name
//    and one filter, and the rest is in the body). That filter is confined: the one in the body
//    must be the same, and none may stand beside it (errors 10131 and 10137).
//  - A filter may end in `>`, which is a token like any other where publish permissions are
//    matched, so that `*` matches it (`sublist.go` matchLevel). Keys that end in `*` are read as if
//    they ended in `>`.
//  - A read by revision, of several keys at once, or from a bucket without direct get has its keys
//    in the body (`stream.go` processDirectGetRequest, `jetstream_api.go` jsMsgGetRequest). Who
//    reads some keys does not have these subjects.
//  - STREAM.INFO lists the keys (jsStreamInfoRequest, subjects_filter). Most clients open a bucket
//    with it.
//  - Any message in a bucket may carry `Nats-Rollup: all`, which removes all others (`stream.go`
//    processJetStreamMsg). STREAM.PURGE has its keys in the body: who writes some keys does not
//    have it.
//
// CONSUMER.DELETE has the name of a consumer and no more. It is given with CONSUMER.CREATE, which
// ends a consumer by its name too: when a watch ends, and with it a listing of keys, a history, or
// a get of an object, nats.go and nats.c ask for the deletion, and would wait for five seconds.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/base/invalid.h"
#include "auth/base/result.h"
#include "auth/nats/permissions.h"

namespace auth {

// The keys of a bucket that `keys` covers: a subject relative to the bucket, which may have
// wildcards and templates. ">" is the whole bucket.
struct BucketKeys {
  std::string bucket;
  std::string keys = ">";
  bool operator==(const BucketKeys&) const = default;
};

struct BucketRights {
  std::vector<BucketKeys> kv_read{};
  std::vector<BucketKeys> kv_write{};
  std::vector<std::string> object_read{};
  std::vector<std::string> object_write{};
  bool operator==(const BucketRights&) const = default;
};

// "BUCKET" or "BUCKET:KEYS". A refusal says what is wrong and what would be right, and does not
// quote what is not printable.
Result<BucketKeys, std::string> read_bucket_keys(std::string_view text);
std::string write_bucket_keys(const BucketKeys& right);

std::optional<Invalid> validate(const BucketRights& rights);

// A JetStream domain: 1 to 64 letters, digits, `_` and `-`, and none of the words that stand in its
// place in nats-server's own subjects.
bool valid_domain(std::string_view domain);

// "$JS.API", or "$JS.<domain>.API" where there is a domain. The second is for connections to
// servers of another domain, such as a leafnode's: a server of that domain itself maps the subject
// to the first before it checks permissions (`parser.go` selectMappedSubject; the table is in
// `jetstream_api.go` generateJSMappingTable; seen on 2.10.27 and 2.15.1).
std::string jetstream_prefix(std::string_view domain);

// Adds the subjects of valid rights to the allow lists of `into`. `domain` may be empty. Replies
// come to the credential's inbox, which is not added here.
void allow(const BucketRights& rights, std::string_view domain, Permissions& into);

// What the rights give beyond their words, and what they do not although one might think so: one
// sentence each, for whoever gives them.
std::vector<std::string> unconfined(const BucketRights& rights);

}  // namespace auth
