#include "store/tables.h"

#include <array>
#include <charconv>
#include <memory>
#include <string>

namespace store {
namespace {

Tables open_all(const Environment& env, unsigned txn_flags, unsigned dbi_flags) {
  MDB_txn* raw = nullptr;
  check(mdb_txn_begin(env.raw(), nullptr, txn_flags, &raw), "begin transaction");
  std::unique_ptr<MDB_txn, FreeWith<mdb_txn_abort>> txn{raw};
  std::array<MDB_dbi, kTableNames.size()> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const char* const name = kTableNames.at(i);
    const int code = mdb_dbi_open(raw, name, dbi_flags, &numbers.at(i));
    if (code == MDB_NOTFOUND) {
      throw WrongSchema("store: this LMDB environment is not a credgate store (no table " +
                        std::string(name) + ")");
    }
    check(code, "open table " + std::string(name));
    if (numbers.at(i) != kFirstTable + i) throw Fault("store: its tables were opened before");
  }
  check(mdb_txn_commit(txn.release()), "open tables");  // keeps the handles
  const auto& [credentials, logins, names, journal, usage, requests, meta] = numbers;
  return {.credentials = credentials,
          .logins = logins,
          .names = names,
          .journal = journal,
          .usage = usage,
          .requests = requests,
          .meta = meta};
}

bool has_entries(const Txn& txn, const Tables& tables) {
  return Cursor{txn, tables.credentials}.first() || Cursor{txn, tables.journal}.first() ||
         Cursor{txn, tables.meta}.first();
}

}  // namespace

Tables create_tables(const Environment& env) {
  return open_all(env, 0, MDB_CREATE);
}

Tables open_tables(const Environment& env) {
  ReadTxn{env}.trees().check_roots();
  const Tables tables = open_all(env, MDB_RDONLY, 0);
  const ReadTxn txn{env};
  const auto found = txn.get(tables.meta, "schema");
  if (!found && has_entries(txn, tables)) {
    throw Unusable(
        "store: the entry `schema` of its table meta is missing, so it is damaged; restore it from "
        "a backup");
  }
  if (!found) {
    throw WrongSchema(
        "store: its table meta has no entry `schema`, so it was not made to its end; move it away, "
        "and make it again or restore it from a backup");
  }
  const std::string_view text = *found;
  std::uint64_t schema = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), schema);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    throw Unusable(
        "store: the entry `schema` of its table meta cannot be read, so it is damaged; restore it "
        "from a backup");
  }
  if (schema != kSchema) {
    throw WrongSchema("store: it has schema " + std::to_string(schema) + ", this credgate knows " +
                      std::to_string(kSchema) + "; use the credgate that wrote it, or a newer one");
  }
  return tables;
}

std::uint64_t meta_number(const Txn& txn, const Tables& tables, std::string_view word) {
  const auto text = txn.get(tables.meta, word);
  std::uint64_t n = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), n);
  return n;
}

}  // namespace store
