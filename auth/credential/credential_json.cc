#include "auth/credential/credential_json.h"

#include "auth/base/time_format.h"

namespace auth {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson moment(const std::optional<Time>& at) {
  return at ? OrderedJson(write_time(*at)) : OrderedJson(nullptr);
}

OrderedJson lists(const SubjectLists& both) {
  return {{"allow", both.allow}, {"deny", both.deny}};
}

OrderedJson responses(const std::optional<Responses>& limits) {
  if (!limits) return nullptr;
  return {{"max", limits->max}, {"ttl", limits->ttl.count()}};
}

template <class T, class Write>
OrderedJson texts(const std::vector<T>& list, Write write) {
  OrderedJson json = OrderedJson::array();
  for (const T& item : list)
    json.push_back(write(item));
  return json;
}

OrderedJson secret(const StoredSecret& s) {
  OrderedJson json = {{"scheme", name(s.scheme)}};
  if (!s.key_id.empty()) json["key_id"] = s.key_id;
  if (!s.login.empty()) json["login"] = s.login;
  if (!s.reserved.empty()) json["reserved"] = s.reserved;
  json["created_at"] = write_time(s.created_at);
  json["expires_at"] = moment(s.expires_at);
  return json;
}

OrderedJson rights(const Rights& r) {
  return {
      {"capabilities", write_capabilities(r)},
      {"subjects", r.subjects},
      {"streams", r.streams},
      {"consumers", r.consumers},
      {"kv_read", texts(r.buckets.kv_read, write_bucket_keys)},
      {"kv_write", texts(r.buckets.kv_write, write_bucket_keys)},
      {"object_read", r.buckets.object_read},
      {"object_write", r.buckets.object_write},
      {"serve", r.services.serve},
      {"call", r.services.call},
      {"domain", r.domain},
      {"permissions", write_json(r.permissions)},
  };
}

// Behind a credential's inbox.
OrderedJson more_rights(const Rights& r) {
  return {
      {"allow_responses", r.allow_responses},
      {"everything", r.everything},
      {"ack_v2", r.ack_v2},
  };
}

}  // namespace

OrderedJson write_capabilities(const Rights& c) {
  OrderedJson json = OrderedJson::array();
  if (c.publish) json.push_back("publish");
  if (c.receive) json.push_back("receive");
  if (c.manage) json.push_back("manage");
  return json;
}

OrderedJson write_json(const Credential& c) {
  OrderedJson json = {
      {"id", c.id},           {"revision", c.revision}, {"name", c.name},
      {"kind", name(c.kind)}, {"account", c.account},   {"status", name(c.status)},
      {"regions", c.regions}, {"roles", c.roles},
  };
  json.update(rights(c));
  json["inbox"] = name(c.inbox);
  json.update(more_rights(c));
  json.update({
      {"sigv4", c.sigv4},
      {"sigv4_connect", c.sigv4_connect},
      {"sources", texts(c.sources, write_cidr)},
      {"connection_types",
       texts(c.connection_types, [](ConnectionType type) { return name(type); })},
      {"times", texts(c.times, write_time_range)},
      {"times_location", c.times_location},
      {"not_before", moment(c.not_before)},
      {"expires_at", moment(c.expires_at)},
      {"session_ttl", c.session_ttl ? OrderedJson(c.session_ttl->count()) : OrderedJson(nullptr)},
      {"max_sessions", c.max_sessions},
      {"secrets", texts(c.secrets, secret)},
      {"tags", c.tags},
      {"created_at", write_time(c.created_at)},
      {"created_by", c.created_by},
      {"updated_at", write_time(c.updated_at)},
      {"updated_by", c.updated_by},
      {"revoked_at", moment(c.revoked_at)},
      {"revoked_by", c.revoked_by},
      {"revoke_reason", c.revoke_reason},
  });
  return json;
}

OrderedJson write_json(const Role& r) {
  OrderedJson json = {
      {"account", r.account},
      {"name", r.name},
      {"revision", r.revision},
      {"description", r.description},
  };
  json.update(rights(r));
  json.update(more_rights(r));
  json.update({
      {"created_at", write_time(r.created_at)},
      {"created_by", r.created_by},
      {"updated_at", write_time(r.updated_at)},
      {"updated_by", r.updated_by},
  });
  return json;
}

OrderedJson write_json(const Permissions& p) {
  return {{"publish", lists(p.publish)},
          {"subscribe", lists(p.subscribe)},
          {"responses", responses(p.responses)}};
}

}  // namespace auth
