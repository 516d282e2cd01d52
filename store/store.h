#pragma once
// The store: credentials and their journal in one LMDB environment, which the daemon and every
// command of the machine have open at once. LMDB's locks are the only coordination: what one
// process commits, the next read of any other sees.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/base/result.h"
#include "auth/credential/credential.h"
#include "store/accept_older.h"
#include "store/change_rules.h"
#include "store/check_progress.h"
#include "store/fault.h"
#include "store/idempotency.h"
#include "store/journal.h"
#include "store/journal_chain.h"
#include "store/page_check.h"
#include "store/place.h"
#include "store/roles.h"
#include "store/usage.h"

namespace auth {
class MasterKeys;
}

namespace store {

class Environment;
class HeadNoting;
class HeadWatch;
class Room;
struct Tables;
class Txn;
class WriteTxn;

struct Changed {
  auth::Credential credential;
  bool changed = false;        // false: unchanged, and no entry was written but for a `kick`
  std::uint64_t sequence = 0;  // of the last entry that was written; 0: none was
};

// What a lookup saw, and when: `txn` is compared with last_txn() to learn whether the store moved.
struct Found {
  std::optional<auth::Credential> credential;
  std::uint64_t txn = 0;
  // Those that the credential names and that are there, in the same order and of the same snapshot.
  // One that is missing or damaged is left out: auth::missing_role() tells which.
  std::vector<auth::Role> roles{};
};

struct Filter {
  std::optional<std::string> account;
  std::optional<std::string> region;
  std::optional<auth::Status> status;
  std::vector<std::string> tags;  // "key=value", or "key" for any value; all must be there
  std::optional<auth::Time> unused_since{};  // made before then, and not used after it
  std::optional<std::string> role{};
};

struct Page {
  std::vector<auth::Credential> credentials;
  std::vector<std::string> damaged;  // ids of records that cannot be decoded
  std::string last;                  // where the next page begins after; empty at the end
};

struct Totals {
  std::string store_id;
  auth::Time created_at;
  std::uint64_t active = 0;
  std::uint64_t suspended = 0;
  std::uint64_t revoked = 0;
  std::uint64_t sequence = 0;  // of the newest journal entry; 0: none
  std::uint64_t oldest = 0;    // of the oldest that was not removed; 0: none
};

// Every function may throw Fault. Those that write throw Full where only the reserve of the map or
// of the disk is left, but for changes that suspend or revoke, and for withdraw() and prune_some(),
// which make room; and ReadOnly, without exception, where why_read_only() says so. Usable from
// several threads at once.
class Store {
 public:
  // Makes an empty store in an existing directory. Throws Fault where there is one already.
  static void create(const Place& place, std::string_view store_id, auth::Time now);

  enum class Opening : std::uint8_t {
    any,     // to look at it, or to accept it
    newest,  // throws WentBack where it lacks the head that was noted outside of it
    copy,    // what copy_to() wrote, which `place.directory` names, to look at it
  };
  // Opens an existing one; `keys` must outlive it. Throws WrongSchema.
  Store(const Place& place, const auth::MasterKeys& keys, Opening opening = Opening::any);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Why this store takes no change, in a sentence: when it was opened, it lacked the head that was
  // noted outside of it, or nobody could tell. Absent for a store that is the newest.
  const std::optional<std::string>& went_back() const { return went_back_; }

  // Why nothing can be changed, and what to do, in a sentence: its file system was read-only when
  // it was opened. Empty where that is not so. Costs a look at the file system.
  std::string why_read_only() const;

  // See page_check.h.
  PageCheck check_pages() const;

  // Writes what is committed now into `file`, whole, as one file, and compacted unless pages are
  // lost. It holds a snapshot as long as that takes: pages that are freed meanwhile are not used
  // again before. The file is not synced. Looks at every page before, since LMDB follows them all.
  // Throws Fault; DamagedPage; and then what was written is nothing.
  void copy_to(int file) const;

  // Notes the newest head outside of the store, where that is not done yet: whoever puts an older
  // copy in its place is noticed when it is next opened. For one caller at a time. Throws WentBack,
  // ReadOnly.
  void note_head();

  // Takes a store that went back as it is: shuts out again whom it lets in, as far as is known, and
  // notes its head. Can be interrupted and repeated. For one caller, who has the store alone.
  // `report` is called before the note is replaced, after which nobody could be told any more.
  Accepted accept_older(const Intent& intent,
                        const std::function<void(const Accepted&)>& report = {});

  // Whatever reads records or the journal throws Gone where the files were removed, replaced or
  // written over by the time it has read: logins are let in and connections kept by it. What
  // belongs to a presented login, which for `key` and `token` is the id. Throws Damaged.
  Found find(auth::Kind kind, std::string_view login) const;
  std::optional<auth::Credential> get(std::string_view id) const;
  Found find_id(std::string_view id) const;  // with its roles
  // The ids under a name: one, or several in different accounts.
  std::vector<std::string> ids_named(std::string_view name) const;
  // At most `limit` records are looked at, so that a snapshot is never held long.
  Page list(const Filter& filter, std::string_view after, std::size_t limit) const;
  // Entries after a sequence, oldest first, at most `limit` looked at. An entry that cannot be
  // decoded has an empty actor.
  std::vector<Entry> history(std::uint64_t after, std::size_t limit,
                             const JournalFilter& filter) const;
  // Absent while the journal is empty.
  std::optional<Head> head() const;
  // What is wrong with the chain of the journal, in sentences; `noted` is a head of earlier. Looks
  // at every entry, a page at a time.
  std::vector<std::string> verify(const std::optional<Head>& noted) const;
  // What in the tables beside the records cannot be read, or leads nowhere, in sentences that are
  // added: logins, names, usage, requests, meta, and the journal but for its chain.
  void check_tables(std::vector<std::string>& faults, CheckProgress& progress) const;
  // How many entries that looks at.
  std::uint64_t table_entries() const;
  std::optional<Usage> usage(std::string_view id) const;
  // Of the credential that a presented login leads to, without a look at its record.
  std::optional<Usage> usage_of(auth::Kind kind, std::string_view login) const;
  Totals totals() const;
  Space space() const;
  // The newest commit of any process, as a lookup from now on sees it. (The environment's own
  // number runs ahead of what readers get while a commit is being finished.)
  std::uint64_t last_txn() const;
  // Throws Gone where the files were removed, replaced or written over by an older copy. To be
  // called every now and then: it looks closer than what reads.
  void check_files() const;

  // Stores a new credential as revision 1; whatever the intent says, the journal calls it `create`.
  // Refused: invalid, conflict (id, name or login taken), over_budget. With a `request` whose id
  // this actor has used within a day: what was created then, and nothing is; conflict, where that
  // was asked for with another body.
  auth::Result<Changed, Refused> create(const auth::Credential& credential, const Intent& intent,
                                        const std::optional<CreateRequest>& request = {});

  // As many of them as fit into one short write transaction: another writer may be waiting. Each is
  // as with create(). Of the first that is refused, and all after it, nothing is stored.
  struct Created {
    std::size_t count = 0;           // the first so many are stored, on disk
    std::optional<Refused> refused;  // why the next one is not
  };
  Created create_some(std::span<const auth::Credential> credentials, const Intent& intent);

  // Takes back credentials that were created with create_some, as if they had never been, but for
  // the journal. Those that somebody has changed since then stay, revoked ones among them. As many
  // as fit into one short write transaction.
  struct Withdrawn {
    std::size_t count = 0;          // it is done with the first so many
    std::vector<std::string> kept;  // of these
  };
  Withdrawn withdraw(std::span<const std::string> ids, const Intent& intent);

  // Adds to what is known of the credentials' use, in one short write transaction. How many of them
  // were; the others are for the next.
  std::size_t add_uses(std::span<const std::pair<std::string, Usage>> uses);

  // The entries of the journal that may be removed: from the oldest up to the first that is not
  // older than `before`. Reads them all, a page at a time: what does not fit together must stay.
  struct Prunable {
    std::uint64_t first = 0;
    std::uint64_t through = 0;        // below `first`: none
    std::uint64_t stopped = 0;        // the first that is not older; 0: none
    auth::Time stopped_at{};          // its time
    bool whole = true;                // where the chain is not, none may be removed
    std::vector<std::string> faults;  // what is wrong with it, or cannot be verified, in sentences
  };
  Prunable prunable(auth::Time before) const;
  // Removes the oldest entries of the journal up to `through`, as many as fit into one short write
  // transaction, and gives the sequence of the oldest that is left. A `note` is appended to the
  // journal first: who does it, and up to where. The newest entry always stays.
  std::uint64_t prune_some(std::uint64_t through, const std::optional<Intent>& note);

  // Whether a new credential would be refused: invalid, or conflict with what is stored now.
  std::optional<Refused> check_new(const auth::Credential& credential) const;

  // Reads, edits, validates and stores in one write transaction. `edit` must be quick, and touches
  // neither id nor kind nor revision; with Action::kick it touches nothing. Refused: not_found,
  // conflict (stale revision, name taken), invalid, revoked (final: only Action::revoke is accepted
  // then, and changes nothing), over_budget.
  using Edit = std::function<void(auth::Credential&)>;
  auth::Result<Changed, Refused> change(std::string_view id, const Intent& intent,
                                        const Edit& edit);

  // Roles. Their changes are those of the following logins, from one commit on; with `now` in the
  // intent the journal asks for the sessions of all members to be closed (`kick_role`). A store of
  // an earlier credgate that could not be upgraded has none, and takes none: Fault.
  //
  // Refused: invalid, conflict (the name is taken), over_budget. A `request` as for create(); where
  // the role that was made for it is gone: conflict.
  auth::Result<ChangedRole, Refused> create_role(const auth::Role& role, const Intent& intent,
                                                 const std::optional<CreateRequest>& request = {});
  // `edit` touches neither account nor name nor revision. Refused: not_found, conflict (stale
  // revision), invalid, over_budget. Throws Damaged.
  using RoleEdit = std::function<void(auth::Role&)>;
  auth::Result<ChangedRole, Refused> change_role(std::string_view account, std::string_view name,
                                                 const Intent& intent, const RoleEdit& edit);
  // Also one that is damaged. Refused: not_found, conflict (stale revision; a credential that is
  // not revoked has it), invalid (reason), over_budget.
  auth::Result<ChangedRole, Refused> delete_role(std::string_view account, std::string_view name,
                                                 const Intent& intent);
  // Throws Damaged, with auth::role_id().
  std::optional<auth::Role> role(std::string_view account, std::string_view name) const;
  // Of one account, or of all where it is empty; `after`: `last` of the page before.
  RolePage list_roles(std::string_view account, std::string_view after, std::size_t limit) const;
  // Who has a role and is not revoked, whether or not the role is there.
  Members members(std::string_view account, std::string_view role, std::string_view after,
                  std::size_t limit) const;
  bool has_member(std::string_view account, std::string_view role, std::string_view id) const;
  // False: it is a store of an earlier credgate that could not be upgraded.
  bool has_roles() const;
  std::uint64_t count_roles() const;

 private:
  // Throws WentBack, Gone: neither a ghost nor an older copy says what is refused, or takes a
  // change.
  void check_newest(const WriteTxn& txn);
  // Every change is committed here. Throws as check_newest does.
  void commit(WriteTxn& txn);
  void shut_out_again(const Shut& shut, const Intent& intent, Accepted& done);
  auth::Credential decode(std::string_view id, std::string_view bytes) const;
  std::optional<auth::Credential> read(const Txn& txn, std::string_view id) const;
  Found look_up(const Txn& txn, auth::Kind kind, std::string_view login) const;
  // Throws Damaged.
  std::optional<auth::Role> read_role(const Txn& txn, std::string_view account,
                                      std::string_view name) const;
  std::vector<auth::Role> roles_of(const Txn& txn, const auth::Credential& credential) const;
  Found with_roles(const Txn& txn, std::optional<auth::Credential> credential) const;
  void need_roles() const;
  // The rows of a role's members: the first of those that have it, each after a space, and those
  // that a process without the table left when it revoked who had it.
  struct MemberRows {
    std::string users{};
    std::vector<std::string> unused{};
  };
  MemberRows member_rows(const Txn& txn, std::string_view account, std::string_view name) const;
  bool has_role(const Txn& txn, const std::string& id, std::string_view name) const;
  // What came of a request to create a role that this actor has made before.
  auth::Result<ChangedRole, Refused> done_before(const Txn& txn, const DoneRequest& done,
                                                 const CreateRequest& request) const;
  // Puts a new one, or says why not.
  std::optional<Refused> put_new(WriteTxn& txn, Room& room, const auth::Credential& given,
                                 const Intent& intent);
  // Makes of what was edited what is stored.
  std::optional<Refused> complete(const Txn& txn, const Intent& intent,
                                  const auth::Credential& before, auth::Credential& after) const;
  void commit_again();
  bool unused(const Txn& txn, const auth::Credential& credential, const Filter& filter) const;
  std::optional<Refused> check_free(const Txn& txn, const auth::Credential& credential) const;
  // `before`: the same credential as it is stored, null where it is new.
  std::optional<Refused> check_unique(const Txn& txn, const auth::Credential& credential,
                                      const auth::Credential* before) const;

  std::unique_ptr<const Environment> env_;
  std::unique_ptr<Tables> tables_;
  const auth::MasterKeys& keys_;
  const std::unique_ptr<HeadWatch> watch_;
  const std::unique_ptr<HeadNoting> noting_;
  std::optional<std::string> went_back_;
};

}  // namespace store
