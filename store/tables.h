#pragma once
// The store's tables.
//
//   credentials   id → record (auth/credential/record_codec.h)
//   logins        kind letter, login → id. All but passwords' are kept: they never come back
//   names         name, NUL, account → id. Only of those that are not revoked
//   journal       sequence, 8 bytes big-endian → entry (store/journal.h)
//   usage         id → last use
//   requests      actor, NUL, request id → id, hash of the body
//   meta          word → value
//   roles         account, NUL, name → role (auth/credential/record_codec.h)
//   members       account, NUL, name of a role, NUL, id → nothing. Only of credentials that are not
//                 revoked

#include <cstdint>
#include <string_view>

#include <lmdb.h>

#include "store/lmdb.h"
#include "store/table_keys.h"

namespace store {

inline constexpr std::uint64_t kSchema = 2;
// Without the last two tables.
inline constexpr std::uint64_t kSchemaWithoutRoles = 1;

struct Tables {
  MDB_dbi credentials = 0;
  MDB_dbi logins = 0;
  MDB_dbi names = 0;
  MDB_dbi journal = 0;
  MDB_dbi usage = 0;
  MDB_dbi requests = 0;
  MDB_dbi meta = 0;
  // 0: the store is of an earlier credgate, and could not be made one of this; it has no roles.
  MDB_dbi roles = 0;
  MDB_dbi members = 0;
};

// Makes the tables in a new environment.
Tables create_tables(const Environment& env);
// Throws WrongSchema unless the environment is a store of one of the two schemas; DamagedPage where
// every use would meet damage.
Tables open_tables(const Environment& env);
// Gives a store without roles the two tables, and this schema. Where that is impossible (it is
// read-only or damaged, or the disk is full), it stays as it is: whoever is in it must still be let
// in, and be revoked.
void upgrade(const Environment& env, Tables& tables);
// Throws Gone where another process has upgraded the store since these tables were opened: what has
// no table of members must change no member.
void check_schema(const Txn& txn, const Tables& tables);

std::uint64_t meta_number(const Txn& txn, const Tables& tables, std::string_view word);

}  // namespace store
