#include "auth/credential/bucket_rights.h"

#include <algorithm>
#include <array>
#include <span>

#include "auth/credential/list_check.h"
#include "auth/credential/subject_template.h"
#include "auth/nats/subject.h"
#include "auth/nats/terms.h"

namespace auth {
namespace {

using List = std::vector<std::string>;
using Rows = std::span<const std::string_view>;

// {A} the prefix of the JetStream API, {S} the stream, {M} the subjects of the messages.

constexpr auto kOpen = std::to_array<std::string_view>({
    "{A}.INFO",
    "{A}.STREAM.INFO.{S}",
});

// nats.py and nats.c ask for the name of the stream before they watch.
constexpr auto kRead = std::to_array<std::string_view>({
    "{A}.STREAM.NAMES",
    "{A}.STREAM.MSG.GET.{S}",
    "{A}.DIRECT.GET.{S}.{M}",
    "{A}.CONSUMER.CREATE.{S}",
    "{A}.CONSUMER.CREATE.{S}.>",
    "{A}.CONSUMER.DELETE.{S}.*",
    "{A}.CONSUMER.INFO.{S}.*",
    "$JS.FC.{S}.>",
});

constexpr auto kReadRevision = std::to_array<std::string_view>({
    "{A}.DIRECT.GET.{S}",
});

constexpr auto kReadKeys = std::to_array<std::string_view>({
    "{A}.DIRECT.GET.{S}.{M}",
    "{A}.CONSUMER.CREATE.{S}.*.{M}",
    "{A}.CONSUMER.DELETE.{S}.*",
    "{A}.CONSUMER.INFO.{S}.*",
    "$JS.FC.{S}.>",
});

constexpr auto kPurge = std::to_array<std::string_view>({
    "{A}.STREAM.PURGE.{S}",
});

// A put asks for the object that it replaces: nats.js by STREAM.MSG.GET, nats.go by DIRECT.GET.
constexpr auto kObjectInfo = std::to_array<std::string_view>({
    "{A}.STREAM.MSG.GET.{S}",
    "{A}.DIRECT.GET.{S}.{M}",
});

// Source: nats-server `jetstream_api.go` and `consumer.go`: "$JS.ACK", "$JS.EVENT" and so on.
constexpr auto kNotDomains = std::to_array<std::string_view>({
    "ACK",
    "API",
    "EVENT",
    "FC",
    "SNAPSHOT",
});

constexpr std::size_t kMaxDomainBytes = 64;
constexpr std::size_t kMaxBucketBytes = kMaxNameBytes - std::string_view{"OBJ_"}.size();

constexpr std::string_view kBucketHint =
    "must be the name of a bucket: 1 to 124 of A-Z, a-z, 0-9, `_` and `-`";
constexpr std::string_view kKeysHint =
    "must have keys after the colon as a subject within the bucket: tokens of A-Z, a-z, 0-9, `_`, "
    "`-`, `=` and `/` between dots; `*` may be a whole token and `>` the whole last one";

bool valid_keys(std::string_view keys) {
  const std::string sample = fill_templates(keys, "x");
  const auto fits = [](char c) { return c == '*' || c == '>' || limited_term({&c, 1}); };
  return keys.size() <= kMaxSubjectBytes && valid_subject(sample) &&
         std::ranges::all_of(sample, fits);
}

std::optional<std::string> bucket_error(std::string_view bucket) {
  if (restricted_term(bucket) && bucket.size() <= kMaxBucketBytes) return std::nullopt;
  return std::string{has_braces(bucket) ? kNoTemplateHint : kBucketHint};
}

std::optional<std::string> error_of(const BucketKeys& right) {
  if (auto error = bucket_error(right.bucket)) return error;
  if (auto error = template_error("$KV." + right.keys)) return error;
  return valid_keys(right.keys) ? std::nullopt : std::optional{std::string{kKeysHint}};
}

struct BucketNames {
  std::string api;
  std::string stream{};
  std::string messages{};
};

// In one pass: keys have braces of their own.
std::string fill_row(std::string_view row, const BucketNames& names) {
  std::string subject;
  while (!row.empty()) {
    const auto mark = row.substr(0, 3);
    const bool is_mark = mark == "{A}" || mark == "{S}" || mark == "{M}";
    if (!is_mark) subject += row.front();
    if (mark == "{A}") subject += names.api;
    if (mark == "{S}") subject += names.stream;
    if (mark == "{M}") subject += names.messages;
    row.remove_prefix(is_mark ? 3 : 1);
  }
  return subject;
}

void add_rows(List& list, Rows rows, const BucketNames& names) {
  for (const auto row : rows)
    list.push_back(fill_row(row, names));
}

bool is_whole(const BucketKeys& right) {
  return right.keys == ">";
}

BucketNames names_of(const BucketKeys& right, std::string_view domain) {
  return {jetstream_prefix(domain), "KV_" + right.bucket, "$KV." + right.bucket + '.' + right.keys};
}

BucketNames names_of(const std::string& bucket, std::string_view domain,
                     std::string_view messages) {
  return {jetstream_prefix(domain), "OBJ_" + bucket, "$O." + bucket + std::string{messages}};
}

std::optional<Invalid> check_rights(std::string_view field, const std::vector<BucketKeys>& rights) {
  std::vector<ListEntry> entries;
  for (const auto& right : rights)
    entries.push_back({write_bucket_keys(right), error_of(right)});
  return check_entries(field, entries);
}

std::optional<Invalid> check_rights(std::string_view field, const List& buckets) {
  std::vector<ListEntry> entries;
  for (const auto& bucket : buckets)
    entries.push_back({bucket, bucket_error(bucket)});
  return check_entries(field, entries);
}

bool reads(const BucketRights& rights, const std::string& bucket) {
  return std::ranges::find(rights.kv_read, bucket, &BucketKeys::bucket) != rights.kv_read.end();
}

constexpr std::string_view kWatch =
    "may make consumers of the bucket, durable ones too, change and delete those whose names it "
    "knows, and deliver entries to any subject of the account";
constexpr std::string_view kStreamNames = "sees the names of all streams of the account";

}  // namespace

Result<BucketKeys, std::string> read_bucket_keys(std::string_view text) {
  const auto colon = text.find(':');
  BucketKeys right{.bucket = std::string{text.substr(0, colon)}};
  if (colon != text.npos) right.keys = text.substr(colon + 1);
  if (const auto error = error_of(right)) return quote_entry(text) + *error;
  return right;
}

std::string write_bucket_keys(const BucketKeys& right) {
  return is_whole(right) ? right.bucket : right.bucket + ':' + right.keys;
}

std::optional<Invalid> validate(const BucketRights& rights) {
  if (auto wrong = check_rights("kv_read", rights.kv_read)) return wrong;
  if (auto wrong = check_rights("kv_write", rights.kv_write)) return wrong;
  if (auto wrong = check_rights("object_read", rights.object_read)) return wrong;
  return check_rights("object_write", rights.object_write);
}

bool valid_domain(std::string_view domain) {
  return restricted_term(domain) && domain.size() <= kMaxDomainBytes &&
         std::ranges::find(kNotDomains, domain) == kNotDomains.end();
}

std::string jetstream_prefix(std::string_view domain) {
  return domain.empty() ? "$JS.API" : "$JS." + std::string{domain} + ".API";
}

void allow(const BucketRights& rights, std::string_view domain, Permissions& into) {
  List& list = into.publish.allow;
  for (const auto& right : rights.kv_read) {
    const BucketNames names = names_of(right, domain);
    add_rows(list, kOpen, names);
    add_rows(list, is_whole(right) ? Rows{kRead} : Rows{kReadKeys}, names);
    if (is_whole(right)) add_rows(list, kReadRevision, names);
  }
  for (const auto& right : rights.kv_write) {
    const BucketNames names = names_of(right, domain);
    add_rows(list, kOpen, names);
    if (is_whole(right)) add_rows(list, kPurge, names);
    // nats.go, nats.js and nats.c put through the API where there is a domain; nats.py does not.
    list.push_back(domain.empty() ? names.messages : names.api + '.' + names.messages);
  }
  for (const auto& bucket : rights.object_read) {
    const BucketNames names = names_of(bucket, domain, ".>");
    add_rows(list, kOpen, names);
    add_rows(list, kRead, names);
  }
  for (const auto& bucket : rights.object_write) {
    const BucketNames names = names_of(bucket, domain, ".M.>");
    add_rows(list, kOpen, names);
    add_rows(list, kPurge, names);
    add_rows(list, kObjectInfo, names);
    // All clients publish these as they are, whatever the domain.
    list.push_back(names.messages);
    list.push_back(names_of(bucket, domain, ".C.>").messages);
  }
}

List unconfined(const BucketRights& rights) {
  List sentences;
  const auto say = [&](std::string_view right, const std::string& what, std::string_view that) {
    sentences.push_back(std::string{right} + ' ' + what + ' ' + std::string{that});
  };
  for (const auto& right : rights.kv_read) {
    const std::string text = write_bucket_keys(right);
    say("kv_read", text, kWatch);
    if (is_whole(right)) {
      say("kv_read", text, kStreamNames);
      continue;
    }
    say("kv_read", text, "sees the names of all keys of the bucket");
    say("kv_read", text,
        "does not read by revision, nor watch several patterns at once, nor watch with nats.py, "
        "nats.c or the nats.go of Debian 12 (1.22): those need the whole bucket");
    say("kv_read", text,
        "does not read a bucket without direct get, which nats.js opens with `allow_direct: true`");
    if (right.keys == "*" || right.keys.ends_with(".*")) {
      say("kv_read", text, "reads what is below these keys too, as `>` would");
    }
  }
  for (const auto& right : rights.kv_write) {
    const std::string text = write_bucket_keys(right);
    if (!is_whole(right)) {
      say("kv_write", text,
          "can remove all other entries of the bucket, with the header `Nats-Rollup: all`");
      say("kv_write", text, "sees the names of all keys of the bucket");
    }
    if (!reads(rights, right.bucket)) {
      say("kv_write", text,
          "does not create a key again that was deleted: clients read it first, which needs "
          "kv_read");
    }
  }
  for (const auto& bucket : rights.object_read) {
    say("object_read", bucket, kWatch);
    say("object_read", bucket, kStreamNames);
  }
  for (const auto& bucket : rights.object_write) {
    say("object_write", bucket, "reads the objects too: a put asks for what it replaces");
    say("object_write", bucket,
        "does not put with the nats.go of Debian 12 (1.22), unless the inbox is shared");
  }
  return sentences;
}

}  // namespace auth
