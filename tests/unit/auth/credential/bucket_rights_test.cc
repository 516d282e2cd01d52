#include "auth/credential/bucket_rights.h"

#include <algorithm>

#include "auth/credential/permission_check.h"
#include "tests/support/catch.h"

namespace auth {
namespace {

using List = std::vector<std::string>;

Permissions of(const BucketRights& rights, std::string_view domain = {}) {
  Permissions all;
  allow(rights, domain, all);
  return all;
}

const BucketRights kReader{.kv_read = {{.bucket = "cfg"}}};
const BucketRights kKeyReader{.kv_read = {{"cfg", "app.>"}}};
const BucketRights kWriter{.kv_write = {{.bucket = "cfg"}}};
const BucketRights kKeyWriter{.kv_write = {{"cfg", "app.>"}}};
const BucketRights kObjectReader{.object_read = {"pics"}};
const BucketRights kObjectWriter{.object_write = {"pics"}};

bool publishes(const Permissions& permissions, const std::string& subject) {
  return may_publish(permissions, subject).may == May::yes;
}

struct Operation {
  const BucketRights& rights;
  const char* what;
  List subjects;  // that the client publishes to
};

// What the clients publish. nats.js: @nats-io/kv kv.ts, @nats-io/obj objectstore.ts,
// @nats-io/jetstream jsmstream_api.ts, jsmconsumer_api.ts, jsm_direct.ts; nats.go:
// jetstream/kv.go, jetstream/object.go, jsm.go upsertConsumer; nats.py: js/kv.py,
// js/object_store.py, js/manager.py add_consumer; nats.c: kv.c, jsm.c. They subscribe to their
// inbox alone.
const std::vector<Operation> kOperations{
    {kReader, "nats.js jetstreamManager", {"$JS.API.INFO"}},
    {kReader, "nats.js open", {"$JS.API.STREAM.INFO.KV_cfg"}},
    {kReader, "nats.js get", {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"}},
    {kReader, "nats.js get, without direct get", {"$JS.API.STREAM.MSG.GET.KV_cfg"}},
    {kReader, "nats.js get of a revision", {"$JS.API.DIRECT.GET.KV_cfg"}},
    {kReader, "nats.js watch", {"$JS.API.CONSUMER.CREATE.KV_cfg.oc_N_1.$KV.cfg.>"}},
    {kReader, "nats.js watch of several keys", {"$JS.API.CONSUMER.CREATE.KV_cfg"}},
    {kReader,
     "nats.js keys, history",
     {"$JS.API.CONSUMER.CREATE.KV_cfg.oc_N_1.$KV.cfg.>", "$JS.API.CONSUMER.INFO.KV_cfg.oc_N_1"}},
    {kReader, "flow control", {"$JS.FC.KV_cfg.oc_N_1.R4nd0m"}},
    {kReader, "nats.go KeyValue, Status", {"$JS.API.STREAM.INFO.KV_cfg"}},
    {kReader, "nats.go Get", {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"}},
    {kReader, "nats.go GetRevision", {"$JS.API.DIRECT.GET.KV_cfg"}},
    {kReader, "nats.go Watch, Keys, History", {"$JS.API.CONSUMER.CREATE.KV_cfg.h4sh.$KV.cfg.>"}},
    {kReader, "nats.go WatchFiltered", {"$JS.API.CONSUMER.CREATE.KV_cfg.h4sh"}},
    {kReader, "nats.py key_value, status", {"$JS.API.STREAM.INFO.KV_cfg"}},
    {kReader, "nats.py get", {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"}},
    {kReader,
     "nats.py watch, keys, history",
     {"$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE.KV_cfg",
      "$JS.API.CONSUMER.INFO.KV_cfg.eph"}},
    {kReader, "nats.c js_KeyValue", {"$JS.API.STREAM.INFO.KV_cfg"}},
    {kReader, "nats.c kvStore_Get", {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"}},
    {kReader,
     "nats.c kvStore_Watch, Keys, History",
     {"$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE.KV_cfg"}},
    {kReader, "nats.go and nats.c, the end of a watch", {"$JS.API.CONSUMER.DELETE.KV_cfg.N"}},
    {kKeyReader, "nats.go, the end of a watch", {"$JS.API.CONSUMER.DELETE.KV_cfg.N"}},
    {kObjectReader, "nats.go, the end of a get", {"$JS.API.CONSUMER.DELETE.OBJ_pics.N"}},

    {kKeyReader, "open", {"$JS.API.INFO", "$JS.API.STREAM.INFO.KV_cfg"}},
    {kKeyReader, "get", {"$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"}},
    {kKeyReader,
     "nats.js and nats.go watch of a pattern",
     {"$JS.API.CONSUMER.CREATE.KV_cfg.N.$KV.cfg.app.>", "$JS.API.CONSUMER.INFO.KV_cfg.N",
      "$JS.FC.KV_cfg.N.R4nd0m"}},
    {kKeyReader,
     "nats.js and nats.go watch of a key",
     {"$JS.API.CONSUMER.CREATE.KV_cfg.N.$KV.cfg.app.port"}},

    {kWriter, "open", {"$JS.API.INFO", "$JS.API.STREAM.INFO.KV_cfg"}},
    {kWriter, "put, create, update, delete, purge", {"$KV.cfg.app.port"}},
    {kWriter, "purgeDeletes, PurgeDeletes, purge_deletes", {"$JS.API.STREAM.PURGE.KV_cfg"}},
    {kKeyWriter, "open", {"$JS.API.INFO", "$JS.API.STREAM.INFO.KV_cfg"}},
    {kKeyWriter, "put, create, update, delete, purge", {"$KV.cfg.app.port"}},

    {kObjectReader, "open", {"$JS.API.INFO", "$JS.API.STREAM.INFO.OBJ_pics"}},
    {kObjectReader,
     "nats.js get",
     {"$JS.API.STREAM.MSG.GET.OBJ_pics", "$JS.API.CONSUMER.CREATE.OBJ_pics.oc_N_1.$O.pics.C.nuid"}},
    {kObjectReader,
     "nats.js list, watch",
     {"$JS.API.STREAM.MSG.GET.OBJ_pics", "$JS.API.CONSUMER.CREATE.OBJ_pics.oc_N_1.$O.pics.M.>",
      "$JS.API.CONSUMER.INFO.OBJ_pics.oc_N_1", "$JS.FC.OBJ_pics.oc_N_1.R4nd0m"}},
    {kObjectReader,
     "nats.go Get",
     {"$JS.API.DIRECT.GET.OBJ_pics.$O.pics.M.bmFtZQ==", "$JS.API.STREAM.NAMES",
      "$JS.API.CONSUMER.CREATE.OBJ_pics.h4sh.$O.pics.C.nuid"}},
    {kObjectReader,
     "nats.go List, Watch",
     {"$JS.API.DIRECT.GET.OBJ_pics.$O.pics.M.>", "$JS.API.STREAM.NAMES",
      "$JS.API.CONSUMER.CREATE.OBJ_pics.h4sh.$O.pics.M.>"}},
    {kObjectReader,
     "nats.py get, watch, list",
     {"$JS.API.STREAM.MSG.GET.OBJ_pics", "$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE.OBJ_pics",
      "$JS.API.CONSUMER.INFO.OBJ_pics.eph"}},

    {kObjectWriter, "open", {"$JS.API.INFO", "$JS.API.STREAM.INFO.OBJ_pics"}},
    {kObjectWriter,
     "nats.js put",
     {"$JS.API.STREAM.MSG.GET.OBJ_pics", "$O.pics.C.nuid",
      "$O.pics.M.bmFtZQ==", "$JS.API.STREAM.PURGE.OBJ_pics"}},
    {kObjectWriter,
     "nats.go Put, Delete, UpdateMeta",
     {"$JS.API.DIRECT.GET.OBJ_pics.$O.pics.M.bmFtZQ==", "$O.pics.C.nuid",
      "$O.pics.M.bmFtZQ==", "$JS.API.STREAM.PURGE.OBJ_pics"}},
    {kObjectWriter,
     "nats.py put, delete",
     {"$JS.API.STREAM.MSG.GET.OBJ_pics", "$O.pics.C.nuid",
      "$O.pics.M.bmFtZQ==", "$JS.API.STREAM.PURGE.OBJ_pics"}},
};

TEST_CASE("bucket_rights: what the clients do with a bucket is allowed", "[credential]") {
  for (const auto& operation : kOperations) {
    for (const auto& subject : operation.subjects) {
      CAPTURE(operation.what, subject);
      CHECK(publishes(of(operation.rights), subject));
    }
  }
}

TEST_CASE("bucket_rights: each subject that is given is one that some client uses",
          "[credential]") {
  for (const auto* rights :
       {&kReader, &kKeyReader, &kWriter, &kKeyWriter, &kObjectReader, &kObjectWriter}) {
    for (const auto& entry : of(*rights).publish.allow) {
      CAPTURE(entry);
      const Permissions only{.publish = {{entry}, {}}, .subscribe = {}, .responses = {}};
      const auto uses = [&](const Operation& operation) {
        return &operation.rights == rights &&
               std::ranges::any_of(operation.subjects, [&](const std::string& subject) {
                 return publishes(only, subject);
               });
      };
      CHECK(std::ranges::any_of(kOperations, uses));
    }
  }
}

TEST_CASE("bucket_rights: nobody may do what the word does not say", "[credential]") {
  struct Row {
    const BucketRights& rights;
    const char* subject;
  };
  const std::vector<Row> rows{
      // Writing.
      {kReader, "$KV.cfg.app.port"},
      {kReader, "$JS.API.STREAM.PURGE.KV_cfg"},
      {kReader, "$JS.API.STREAM.MSG.DELETE.KV_cfg"},
      {kReader, "$JS.API.STREAM.UPDATE.KV_cfg"},
      {kReader, "$JS.API.STREAM.DELETE.KV_cfg"},
      {kReader, "$JS.API.STREAM.CREATE.KV_cfg"},
      {kObjectReader, "$O.pics.M.bmFtZQ=="},
      {kObjectReader, "$O.pics.C.nuid"},
      {kObjectReader, "$JS.API.STREAM.PURGE.OBJ_pics"},
      {kObjectWriter, "$JS.API.STREAM.UPDATE.OBJ_pics"},
      {kObjectWriter, "$JS.API.STREAM.DELETE.OBJ_pics"},
      {kWriter, "$JS.API.STREAM.UPDATE.KV_cfg"},
      {kWriter, "$JS.API.STREAM.DELETE.KV_cfg"},
      {kWriter, "$JS.API.STREAM.MSG.DELETE.KV_cfg"},
      // Other buckets and streams.
      {kReader, "$JS.API.DIRECT.GET.KV_cfg2.$KV.cfg2.x"},
      {kReader, "$JS.API.DIRECT.GET.KV_cfg2"},
      {kReader, "$JS.API.STREAM.MSG.GET.KV_cfg2"},
      {kReader, "$JS.API.STREAM.INFO.KV_cfg2"},
      {kReader, "$JS.API.STREAM.INFO.>"},
      {kReader, "$JS.API.CONSUMER.CREATE.KV_cfg2"},
      {kReader, "$JS.API.CONSUMER.CREATE.KV_cfg2.N.$KV.cfg2.>"},
      {kReader, "$JS.API.CONSUMER.CREATE.OBJ_cfg"},
      {kReader, "$JS.FC.KV_cfg2.N.R4nd0m"},
      {kWriter, "$KV.cfg2.x"},
      {kWriter, "$KV.>"},
      {kWriter, "$JS.API.STREAM.PURGE.KV_cfg2"},
      {kObjectReader, "$JS.API.DIRECT.GET.OBJ_pics2.$O.pics2.M.x"},
      {kObjectWriter, "$O.pics2.M.x"},
      {kObjectWriter, "$O.pics.X.x"},
      // Other keys.
      {kKeyReader, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.db.pass"},
      {kKeyReader, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.>"},
      {kKeyReader, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app"},
      {kKeyReader, "$JS.API.DIRECT.GET.KV_cfg"},
      {kKeyReader, "$JS.API.STREAM.MSG.GET.KV_cfg"},
      {kKeyReader, "$JS.API.CONSUMER.CREATE.KV_cfg"},
      {kKeyReader, "$JS.API.CONSUMER.CREATE.KV_cfg.N"},
      {kKeyReader, "$JS.API.CONSUMER.CREATE.KV_cfg.N.$KV.cfg.>"},
      {kKeyReader, "$JS.API.CONSUMER.CREATE.KV_cfg.N.$KV.cfg.*"},
      {kKeyReader, "$JS.API.CONSUMER.CREATE.KV_cfg.N.>"},
      {kKeyReader, "$JS.API.STREAM.NAMES"},
      {kKeyWriter, "$KV.cfg.db.pass"},
      {kKeyWriter, "$KV.cfg.app"},
      {kKeyWriter, "$JS.API.STREAM.PURGE.KV_cfg"},
      // Reading.
      {kWriter, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"},
      {kWriter, "$JS.API.DIRECT.GET.KV_cfg"},
      {kWriter, "$JS.API.STREAM.MSG.GET.KV_cfg"},
      {kWriter, "$JS.API.CONSUMER.CREATE.KV_cfg"},
      {kWriter, "$JS.API.CONSUMER.CREATE.KV_cfg.N.$KV.cfg.>"},
      {kKeyWriter, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.app.port"},
      {kObjectWriter, "$JS.API.CONSUMER.CREATE.OBJ_pics.N.$O.pics.C.nuid"},
      {kObjectWriter, "$JS.API.DIRECT.GET.OBJ_pics.$O.pics.C.nuid"},
      {kObjectWriter, "$JS.API.DIRECT.GET.OBJ_pics"},
      // The consumers of others, and the account.
      {kReader, "$JS.API.CONSUMER.DURABLE.CREATE.KV_cfg.mine"},
      {kReader, "$JS.API.CONSUMER.DELETE.KV_cfg2.theirs"},
      {kKeyReader, "$JS.API.CONSUMER.DELETE.KV_cfg2.theirs"},
      {kWriter, "$JS.API.CONSUMER.DELETE.KV_cfg.theirs"},
      {kReader, "$JS.API.CONSUMER.PAUSE.KV_cfg.theirs"},
      {kReader, "$JS.API.CONSUMER.MSG.NEXT.KV_cfg.theirs"},
      {kReader, "$JS.API.CONSUMER.NAMES.KV_cfg"},
      {kReader, "$JS.API.CONSUMER.LIST.KV_cfg"},
      {kReader, "$JS.ACK.KV_cfg.theirs.1.1.1.1.0"},
      {kReader, "$JS.API.STREAM.LIST"},
      {kObjectReader, "$JS.API.CONSUMER.DELETE.OBJ_pics2.theirs"},
      {kObjectWriter, "$JS.API.CONSUMER.DELETE.OBJ_pics.theirs"},
      {kObjectReader, "$JS.API.CONSUMER.MSG.NEXT.OBJ_pics.theirs"},
      {kObjectReader, "$JS.API.CONSUMER.DURABLE.CREATE.OBJ_pics.mine"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.subject);
    CHECK_FALSE(publishes(of(row.rights), row.subject));
  }
}

TEST_CASE("bucket_rights: rights subscribe to nothing and answer nothing", "[credential]") {
  for (const auto& rights : {kReader, kKeyReader, kWriter, kObjectReader, kObjectWriter}) {
    const auto all = of(rights);
    CHECK(all.subscribe == SubjectLists{});
    CHECK(all.publish.deny.empty());
    CHECK_FALSE(all.responses);
  }
}

TEST_CASE("bucket_rights: rights add up", "[credential]") {
  const auto both = of({.kv_read = {{"cfg", "a"}, {"cfg", "b.>"}}, .kv_write = {{"log", "c"}}});
  CHECK(publishes(both, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.a"));
  CHECK(publishes(both, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.b.1"));
  CHECK(publishes(both, "$KV.log.c"));
  CHECK_FALSE(publishes(both, "$KV.cfg.a"));
  CHECK_FALSE(publishes(both, "$JS.API.DIRECT.GET.KV_log.$KV.log.c"));
}

TEST_CASE("bucket_rights: a domain takes the place of the API, and nothing of it is left",
          "[credential]") {
  for (const auto& rights : {kReader, kKeyReader, kObjectReader}) {
    for (const auto& subject : of(rights, "hub").publish.allow) {
      CAPTURE(subject);
      CHECK((subject.starts_with("$JS.hub.API.") || subject.starts_with("$JS.FC.")));
    }
  }
  const auto reader = of(kReader, "hub");
  CHECK(publishes(reader, "$JS.hub.API.INFO"));
  CHECK(publishes(reader, "$JS.hub.API.DIRECT.GET.KV_cfg.$KV.cfg.x"));
  CHECK_FALSE(publishes(reader, "$JS.API.DIRECT.GET.KV_cfg.$KV.cfg.x"));
  // nats.js, nats.go and nats.c put keys through the API, and objects as they are.
  const auto writer = of(kWriter, "hub");
  CHECK(publishes(writer, "$JS.hub.API.$KV.cfg.x"));
  CHECK_FALSE(publishes(writer, "$KV.cfg.x"));
  CHECK(publishes(of(kObjectWriter, "hub"), "$O.pics.C.nuid"));
}

TEST_CASE("bucket_rights: a domain is a name, and none of JetStream's own words", "[credential]") {
  for (const auto* domain : {"hub", "EU-1", "a_b", "api"}) {
    CAPTURE(domain);
    CHECK(valid_domain(domain));
  }
  for (const auto* domain : {"", "API", "ACK", "FC", "EVENT", "SNAPSHOT", "a.b", "*", ">", "a b",
                             "{id}", "$JS", "hüb"}) {
    CAPTURE(domain);
    CHECK_FALSE(valid_domain(domain));
  }
  CHECK(valid_domain(std::string(64, 'd')));
  CHECK_FALSE(valid_domain(std::string(65, 'd')));
}

TEST_CASE("bucket_rights: an argument names a bucket, and keys after a colon", "[credential]") {
  const auto [text, bucket, keys] = GENERATE(table<const char*, const char*, const char*>({
      {"cfg", "cfg", ">"},
      {"cfg:>", "cfg", ">"},
      {"cfg:app.port", "cfg", "app.port"},
      {"cfg:app.*.x/y=z_-1.>", "cfg", "app.*.x/y=z_-1.>"},
      {"C_f-9:*", "C_f-9", "*"},
      {"cfg:dev.{id}.>", "cfg", "dev.{id}.>"},
      {"cfg:{tag.site.floor}", "cfg", "{tag.site.floor}"},
      {"cfg:_{id}", "cfg", "_{id}"},
  }));
  CAPTURE(text);
  const auto right = read_bucket_keys(text);
  REQUIRE(right);
  CHECK(*right == BucketKeys{bucket, keys});
  CHECK(*read_bucket_keys(write_bucket_keys(*right)) == *right);
}

TEST_CASE("bucket_rights: a wrong argument is refused with what would be right", "[credential]") {
  const auto [text, message] = GENERATE(table<std::string, const char*>({
      {"", "\"\" must be the name of a bucket"},
      {":x", "must be the name of a bucket"},
      {"a.b", "\"a.b\" must be the name of a bucket"},
      {"*", "must be the name of a bucket"},
      {">", "must be the name of a bucket"},
      {"c fg", "must be the name of a bucket"},
      {"cfg/x", "must be the name of a bucket"},
      {"$KV", "must be the name of a bucket"},
      {"büro", "must be the name of a bucket"},
      {std::string(125, 'b'), "must be the name of a bucket"},
      {"cfg\n", "an entry must be the name of a bucket"},
      {std::string("cfg\0x", 5), "an entry must be the name of a bucket"},
      {"{id}", "templates are expanded in subjects"},
      {"cfg:", "must have keys after the colon"},
      {"cfg:a..b", "must have keys after the colon"},
      {"cfg:.a", "must have keys after the colon"},
      {"cfg:a.", "must have keys after the colon"},
      {"cfg:a.>.b", "must have keys after the colon"},
      {"cfg:a*", "must have keys after the colon"},
      {"cfg:a b", "must have keys after the colon"},
      {"cfg:a:b", "must have keys after the colon"},
      {"cfg:$KV", "must have keys after the colon"},
      {"cfg:a\tb", "an entry must have keys after the colon"},
      {"cfg:\xff", "an entry must have keys after the colon"},
      {"cfg:" + std::string(256, 'k'), "an entry must have keys after the colon"},
      {"cfg:{id", "there are {id}, {name} and {tag.KEY}"},
      {"cfg:{{name()}}", "write {name}"},
  }));
  CAPTURE(text);
  const auto right = read_bucket_keys(text);
  REQUIRE_FALSE(right);
  CHECK(right.error().find(message) != std::string::npos);
}

TEST_CASE("bucket_rights: the same holds for rights that came another way", "[credential]") {
  struct Row {
    const char* field;
    BucketRights rights;
  };
  const std::vector<Row> rows{
      {"kv_read", {.kv_read = {{"a:b", ">"}}}},
      {"kv_read", {.kv_read = {{"cfg", ""}}}},
      {"kv_write", {.kv_write = {{"cfg", "a b"}}}},
      {"kv_write", {.kv_write = {{"cfg", "x"}, {"cfg", "x"}}}},
      {"object_read", {.object_read = {"a.b"}}},
      {"object_read", {.object_read = {"pics:x"}}},
      {"object_write", {.object_write = {"pics", "pics"}}},
      {"object_write", {.object_write = {"{name}"}}},
      {"object_write", {.object_write = List(1'001, "pics")}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.field);
    const auto wrong = validate(row.rights);
    REQUIRE(wrong);
    CHECK(wrong->field == row.field);
  }
  for (const auto& rights : {kReader, kKeyReader, kWriter, kObjectReader, kObjectWriter})
    CHECK_FALSE(validate(rights));
}

TEST_CASE("bucket_rights: what subjects cannot confine is said", "[credential]") {
  const auto says = [](const BucketRights& rights, std::string_view words) {
    return std::ranges::any_of(unconfined(rights), [&](const std::string& sentence) {
      return sentence.find(words) != std::string::npos;
    });
  };
  const BucketRights star{.kv_read = {{"cfg", "app.*"}}};
  for (const auto& reader : {kReader, kKeyReader, kObjectReader, star})
    CHECK(says(reader, "may make consumers"));
  CHECK(says(kReader, "names of all streams"));
  CHECK(says(kObjectReader, "names of all streams"));
  CHECK_FALSE(says(kKeyReader, "names of all streams"));
  CHECK(says(kKeyReader, "kv_read cfg:app.> sees the names of all keys"));
  CHECK(says(kKeyReader, "by revision"));
  CHECK_FALSE(says(kReader, "by revision"));
  CHECK(says(star, "below these keys"));
  CHECK(says({.kv_read = {{"cfg", "*"}}}, "below these keys"));
  CHECK_FALSE(says(kKeyReader, "below these keys"));
  CHECK(says(kKeyWriter, "Nats-Rollup"));
  CHECK_FALSE(says(kWriter, "Nats-Rollup"));
  CHECK(says(kWriter, "needs kv_read"));
  CHECK_FALSE(says({.kv_read = {{"cfg", "a"}}, .kv_write = {{"cfg", ">"}}}, "needs kv_read"));
  CHECK(says({.kv_read = {{"log", "a"}}, .kv_write = {{"cfg", ">"}}}, "needs kv_read"));
  CHECK(says(kObjectWriter, "reads the objects too"));
  CHECK(says(kKeyReader, "nats.go of Debian 12"));
  CHECK(says(kObjectWriter, "unless the inbox is shared"));
  CHECK(unconfined(BucketRights{}).empty());
}

}  // namespace
}  // namespace auth
