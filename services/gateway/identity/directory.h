// SPDX-License-Identifier: Apache-2.0
// All clients, grants, secrets and keys in memory, with a version per client, and whoever waits for the next
// one. Filled by IdentityServer from the database; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "libs/access/caller.h"
#include "libs/access/token_key.h"

namespace lianqiao::identity {

struct Secret {
  std::string id;
  std::string selector;
  std::string hash;
  absl::Time create_time;
  absl::Time revoke_time = absl::InfiniteFuture();
};

struct ClientEntry {
  v1::ClientAccess access;
  std::vector<Secret> secrets;  // Living when they were read.
};

struct StoredKey {
  access::PublicKey public_key;
  std::string sealed;
  absl::Time active_time;
};

// What the database holds.
struct Contents {
  std::vector<std::shared_ptr<const ClientEntry>> clients;
  std::vector<StoredKey> keys;  // By active_time.
};

class Directory {
 public:
  using Done = std::function<void(absl::StatusOr<v1::ListGrantChangesResponse>)>;

  Directory();
  ~Directory();

  // Takes over newer contents; who waits for a change gets it.
  void Install(Contents contents, absl::Time now);
  // The contents are still what the database holds: answers who has waited long enough, and publishes keys
  // whose time has come.
  void Confirm(absl::Time now);
  // The database could not be asked: when that lasts, nobody is told anything any more.
  void Doubt();

  // Answers who waits with UNAVAILABLE; nobody waits any more.
  void Close();

  std::shared_ptr<const ClientEntry> Find(const std::string& client_id) const;
  std::vector<StoredKey> keys() const;
  // Current, coming, and those whose last token has not run out.
  std::vector<access::PublicKey> published_keys() const;

  // What changed since; everything for another epoch.
  v1::ListGrantChangesResponse Changes(const std::string& epoch, int64_t since) const;
  // At once if there is a change since (or another epoch), else at the deadline.
  void ListChanges(const v1::ListGrantChangesRequest& request, absl::Time deadline, Done done);

 private:
  struct Known {
    std::shared_ptr<const ClientEntry> entry;
    std::string bytes;  // Of entry->access: tells a change.
    int64_t version = 0;
  };
  struct Waiter {
    int64_t since;
    absl::Time deadline;
    Done done;
  };
  // Into clients_ with a new version if it differs from `before`, from which it is removed; true if so.
  bool Take(std::shared_ptr<const ClientEntry> entry, std::unordered_map<std::string, Known>* before);
  bool confident() const;
  v1::ListGrantChangesResponse ChangesSince(const std::string& epoch, int64_t since) const;
  // The waiters to answer, and with what.
  std::vector<std::function<void()>> TakeReady(absl::Time now, bool all);
  void RefreshKeys(absl::Time now);

  const std::string epoch_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Known> clients_;
  std::vector<StoredKey> keys_;
  std::vector<access::PublicKey> published_;
  int64_t version_ = 0;
  int64_t confirmed_nanoseconds_ = -1;  // Steady clock; -1: never.
  std::vector<Waiter> waiters_;
  bool closed_ = false;
};

}  // namespace lianqiao::identity
