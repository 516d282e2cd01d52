#include "auth/credential/candidate_rights.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "auth/base/text.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

constexpr std::size_t kMaxNames = 16;

List tokens_of(std::string_view subject) {
  List tokens;
  while (tokens.size() < kMaxNames) {
    const auto dot = subject.find('.');
    tokens.emplace_back(subject.substr(0, dot));
    if (dot == subject.npos) break;
    subject.remove_prefix(dot + 1);
  }
  return tokens;
}

// "$JS.hub.API.…" is of the domain hub.
std::string domain_of(std::string_view subject) {
  const List tokens = tokens_of(subject);
  const bool of_domain = tokens.size() > 2 && tokens[0] == "$JS" && tokens[2] == "API";
  return of_domain && valid_domain(tokens[1]) ? tokens[1] : "";
}

// Rights with names, which are tried with those that the subject has, and with words that stand for
// any.
class Candidates {
 public:
  explicit Candidates(std::string domain) : domain_(std::move(domain)) {}

  void kv_read(const BucketKeys& right) {
    add("--kv-read " + shell_word(write_bucket_keys(right)), true,
        [right](Credential& c) { c.buckets.kv_read.push_back(right); });
  }
  void kv_write(const BucketKeys& right) {
    add("--kv-write " + shell_word(write_bucket_keys(right)), true,
        [right](Credential& c) { c.buckets.kv_write.push_back(right); });
  }
  void object_read(const std::string& bucket) {
    add("--object-read " + shell_word(bucket), true,
        [bucket](Credential& c) { c.buckets.object_read.push_back(bucket); });
  }
  void object_write(const std::string& bucket) {
    add("--object-write " + shell_word(bucket), true,
        [bucket](Credential& c) { c.buckets.object_write.push_back(bucket); });
  }
  // `consumer`: empty for those that exist.
  void receive(const std::string& stream, const std::string& consumer, bool ack_v2 = false) {
    std::string words = "--receive --streams " + shell_word(stream);
    if (!consumer.empty()) words += " --consumers " + shell_word(consumer);
    if (ack_v2) words += " --ack-v2";
    add(words, true, [=](Credential& c) {
      c.receive = true;
      add_once(c.streams, stream);
      if (!consumer.empty()) add_once(c.consumers, consumer);
      c.ack_v2 = c.ack_v2 || ack_v2;
    });
  }
  void manage(const std::string& stream) {
    add("--manage --streams " + shell_word(stream), true, [stream](Credential& c) {
      c.manage = true;
      add_once(c.streams, stream);
    });
  }
  void call(const std::string& name) {
    add("--call " + shell_word(name), false,
        [name](Credential& c) { c.services.call.push_back(name); });
  }
  void serve(const std::string& name) {
    add("--serve " + shell_word(name), false,
        [name](Credential& c) { c.services.serve.push_back(name); });
  }
  void subject(const Wish& wish) {
    const std::string subject{wish.subject};
    const bool publish = wish.publish;
    add((publish ? "--publish --subjects " : "--receive --subjects ") + shell_word(subject), false,
        [=](Credential& c) {
          (publish ? c.publish : c.receive) = true;
          c.subjects.push_back(subject);
        });
  }
  void raw(const Wish& wish) {
    const std::string subject{wish.subject};
    const bool publish = wish.publish;
    add((publish ? "--allow-pub " : "--allow-sub ") + shell_word(subject), false,
        [=](Credential& c) {
          (publish ? c.permissions.publish : c.permissions.subscribe).allow.push_back(subject);
        });
  }

  const std::vector<Right>& all() const { return all_; }

 private:
  static void add_once(List& list, const std::string& item) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(item);
  }
  void add(std::string words, bool has_domain, std::function<void(Credential&)> give) {
    if (!has_domain || domain_.empty()) return all_.push_back({std::move(words), std::move(give)});
    words += " --domain " + domain_;
    all_.push_back({std::move(words), [give = std::move(give), domain = domain_](Credential& c) {
                      give(c);
                      c.domain = domain;
                    }});
  }

  std::string domain_;
  std::vector<Right> all_;
};

// The names of buckets that a token may be or have.
List buckets_of(const std::string& token) {
  List names{token};
  for (const std::string_view prefix : {"KV_", "OBJ_"}) {
    if (token.starts_with(prefix)) names.push_back(token.substr(prefix.size()));
  }
  return names;
}

// All of them begin with `$`.
void add_buckets(const Wish& wish, const List& tokens, Candidates& rights) {
  std::string_view rest = wish.subject;
  std::vector<BucketKeys> some;
  List whole;
  for (const std::string& token : tokens) {
    rest.remove_prefix(std::min(rest.size(), token.size() + 1));
    for (const std::string& bucket : buckets_of(token)) {
      if (!rest.empty()) some.push_back({bucket, std::string{rest}});
      whole.push_back(bucket);
    }
  }
  for (const auto& right : some)
    rights.kv_read(right);
  for (const auto& bucket : whole)
    rights.kv_read({.bucket = bucket});
  for (const auto& bucket : whole)
    rights.object_read(bucket);
  for (const auto& right : some)
    rights.kv_write(right);
  for (const auto& bucket : whole)
    rights.kv_write({.bucket = bucket});
  for (const auto& bucket : whole)
    rights.object_write(bucket);
}

// The token of "$JS.ACK.<domain>.<account>.<stream>.…", and of "$JS.FC.…", that names the stream.
constexpr std::size_t kStreamV2 = 4;

void add_streams(const Wish& wish, const List& tokens, Candidates& rights) {
  const auto add = [&](std::size_t first, bool ack_v2) {
    for (std::size_t i = first; i + 1 < tokens.size(); ++i)
      rights.receive(tokens[i], tokens[i + 1], ack_v2);
    for (std::size_t i = first; i < tokens.size(); ++i)
      rights.receive(tokens[i], "", ack_v2);
  };
  // Before the others, which take the domain for a stream.
  if (wish.subject.starts_with("$JS.ACK.") || wish.subject.starts_with("$JS.FC.")) {
    add(kStreamV2, true);
  }
  add(0, false);
  for (const auto& stream : tokens)
    rights.receive(stream, "*");
  for (const auto& stream : tokens)
    rights.manage(stream);
}

}  // namespace

std::vector<Right> rights_of_any_name(const Wish& wish) {
  Candidates rights{domain_of(wish.subject)};
  if (!wish.publish) {
    rights.serve("SERVICE");
    return rights.all();
  }
  rights.receive("STREAM", "");
  rights.kv_read({.bucket = "BUCKET"});
  rights.manage("STREAM");
  rights.call("SERVICE");
  return rights.all();
}

std::vector<Right> rights_of_names(const Wish& wish) {
  Candidates rights{domain_of(wish.subject)};
  const List tokens = tokens_of(wish.subject);
  const bool system = wish.subject.starts_with('$');
  if (!system) rights.subject(wish);
  for (const auto& name : tokens)
    wish.publish ? rights.call(name) : rights.serve(name);
  if (wish.publish && system) {
    add_buckets(wish, tokens, rights);
    add_streams(wish, tokens, rights);
  }
  if (system) rights.subject(wish);
  return rights.all();
}

std::vector<Right> raw_rights(const Wish& wish) {
  Candidates rights{""};
  rights.raw(wish);
  return rights.all();
}

}  // namespace auth
