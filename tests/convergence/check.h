// SPDX-License-Identifier: Apache-2.0
// What must be true when a history has ended, from the tables themselves.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/convergence/consumer.h"
#include "tests/convergence/ledger.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

struct LoggedChange {
  int bucket = 0;
  int64_t position = 0;
  int64_t group = 0;  // Of its transaction, within the bucket: how many ended before it.
  Key key;
  int64_t revision = 0;
  std::string operation;
  std::vector<std::string> scope_before;
  std::vector<std::string> scope_after;
  std::vector<std::string> changed_fields;
  std::string actor;
  absl::Time time;
};

// Everything that was ever written in one life of the installation, until a restore or the end.
struct Log {
  std::vector<LoggedChange> changes;  // By bucket and position.
  std::map<std::pair<int, int64_t>, size_t> by_place;
  std::map<std::pair<Key, int64_t>, size_t> by_revision;
  std::map<std::pair<Key, int64_t>, std::string> states;  // Wire bytes; of those erased what is left.
  std::set<Key> erased;
};
Log ReadLog(Installation* installation);

// The living records of every kind with their stamps.
struct Living {
  int64_t revision = 0;
  std::vector<std::string> scope;
};
std::map<Key, Living> ReadLiving(Installation* installation);
// Whether somebody with this reach sees the record; the platform's own are seen by everybody.
bool Sees(Installation* installation, const Reach& reach, const Key& key,
          const std::vector<std::string>& scope);
// What somebody with this reach must hold.
std::map<Key, int64_t> Expected(Installation* installation, const std::map<Key, Living>& living,
                                const Reach& reach);

// The follower's copy is what the followed tables say, and its records are stamped with their scopes.
void CheckFollowed(Installation* follower, Report* report);
// Dense positions, digests that chain, heads at the end, a revision and a change for every state of a record.
void CheckFeed(Installation* installation, Report* report);
// Acknowledged writes once, others at most once, nobody beyond his rights. `sure_since` of a restore: what
// was acknowledged before its dump began must be there.
void CheckLedger(Installation* installation, const Ledger& ledger, const Log& log, int life,
                 absl::Time dump_began, Report* report);
void CheckRights(const std::vector<std::unique_ptr<Writer>>& writers, const Log& log, Report* report);
// Every delivery, against the logs of all lives. `reaches`: the consumer's, with all that ever opened for
// them; `always`: its first one, with what did so all the time.
void CheckDeliveries(Installation* installation, const Consumer& consumer, const std::vector<Reach>& reaches,
                     const Reach& always, const std::vector<Log>& logs, Report* report);
// The copy byte for byte, and the platform's own sums over it. `reach`: the consumer's, as it is now.
void CheckCopy(Installation* installation, Consumer* consumer, const Reach& reach,
               const std::map<Key, int64_t>& expected, const std::map<Key, Living>& living, const Log& log,
               Report* report);

// The record as a reader sees it, in bytes that can be compared; empty if they cannot be read. `erased`: what
// an erasure would have left of it.
std::string Shown(Installation* installation, const Key& key, const std::string& bytes, bool personal,
                  bool erased = false);

}  // namespace lianqiao::convergence
