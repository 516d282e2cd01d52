#include "store/tables.h"

#include <charconv>
#include <cstddef>
#include <memory>
#include <string>

namespace store {
namespace {

// How many tables a store without roles has.
constexpr std::size_t kFirstTables = 7;

// Opens those of kTableNames from `from` up to `to`.
void open_some(MDB_txn* txn, unsigned flags, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const char* const name = kTableNames.at(i);
    MDB_dbi number = 0;
    const int code = mdb_dbi_open(txn, name, flags, &number);
    if (code == MDB_NOTFOUND) {
      throw WrongSchema("store: this LMDB environment is not a credgate store (no table " +
                        std::string(name) + ")");
    }
    check(code, "open table " + std::string(name));
    if (number != kFirstTable + i) throw Fault("store: its tables were opened before");
  }
}

void open_some(const Environment& env, unsigned txn_flags, unsigned dbi_flags, std::size_t from,
               std::size_t to) {
  MDB_txn* raw = nullptr;
  check(mdb_txn_begin(env.raw(), nullptr, txn_flags, &raw), "begin transaction");
  std::unique_ptr<MDB_txn, FreeWith<mdb_txn_abort>> txn{raw};
  open_some(raw, dbi_flags, from, to);
  check(mdb_txn_commit(txn.release()), "open tables");  // keeps the handles
}

constexpr Tables kWithoutRoles{.credentials = kFirstTable,
                               .logins = kFirstTable + 1,
                               .names = kFirstTable + 2,
                               .journal = kFirstTable + 3,
                               .usage = kFirstTable + 4,
                               .requests = kFirstTable + 5,
                               .meta = kFirstTable + 6};

constexpr Tables with_roles() {
  Tables tables = kWithoutRoles;
  tables.roles = kFirstTable + 7;
  tables.members = kFirstTable + 8;
  return tables;
}

bool has_entries(const Txn& txn, const Tables& tables) {
  return Cursor{txn, tables.credentials}.first() || Cursor{txn, tables.journal}.first() ||
         Cursor{txn, tables.meta}.first();
}

std::uint64_t read_schema(const Environment& env) {
  const ReadTxn txn{env};
  const auto found = txn.get(kWithoutRoles.meta, "schema");
  if (!found && has_entries(txn, kWithoutRoles)) {
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
  return schema;
}

}  // namespace

Tables create_tables(const Environment& env) {
  open_some(env, 0, MDB_CREATE, 0, kTableNames.size());
  return with_roles();
}

Tables open_tables(const Environment& env) {
  ReadTxn{env}.trees().check_roots();
  open_some(env, MDB_RDONLY, 0, 0, kFirstTables);
  const std::uint64_t schema = read_schema(env);
  if (schema == kSchemaWithoutRoles) return kWithoutRoles;
  if (schema != kSchema) {
    throw WrongSchema("store: it has schema " + std::to_string(schema) + ", this credgate knows " +
                      std::to_string(kSchemaWithoutRoles) + " and " + std::to_string(kSchema) +
                      "; use the credgate that wrote it, or a newer one");
  }
  open_some(env, MDB_RDONLY, 0, kFirstTables, kTableNames.size());
  return with_roles();
}

// An earlier credgate would read a credential without what its roles deny, so that it must not open
// the store any more.
void upgrade(const Environment& env, Tables& tables) {
  if (tables.roles != 0 || env.read_only()) return;
  try {
    WriteTxn txn{env};
    const TableTree list = txn.trees().table(kTablesList);
    for (std::size_t i = kFirstTables; i < kTableNames.size(); ++i)
      txn.trees().check_write(list, kTableNames.at(i), PageTrees::Write::put);
    open_some(txn.raw(), MDB_CREATE, kFirstTables, kTableNames.size());
    txn.put(tables.meta, "schema", std::to_string(kSchema));
    txn.commit();
    tables = with_roles();
  } catch (const Fault& fault) {
    if (fault.final()) throw;
  }
}

void check_schema(const Txn& txn, const Tables& tables) {
  if (tables.roles != 0 || meta_number(txn, tables, "schema") != kSchema) return;
  throw Gone("store: another process has given it its tables of roles; start this one again");
}

std::uint64_t meta_number(const Txn& txn, const Tables& tables, std::string_view word) {
  const auto text = txn.get(tables.meta, word);
  std::uint64_t n = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), n);
  return n;
}

}  // namespace store
