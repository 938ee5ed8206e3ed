// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/directory.h"

#include <algorithm>
#include <chrono>

#include "libs/access/token.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace lianqiao::identity {

namespace {

constexpr size_t kWaitersMax = 1000;
// Without a look into the database for this long, answers would be guesses.
constexpr absl::Duration kConfidence = absl::Seconds(3);
// Clocks of other machines may run behind.
constexpr absl::Duration kKeyMargin = absl::Minutes(1);

int64_t SteadyNanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

absl::Status Away() {
  return base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable,
                                         base::ErrorReason::BACKEND_UNAVAILABLE, {{"service", "identity"}}),
                              500);
}

}  // namespace

Directory::Directory() : epoch_(base::RandomId()) {}

Directory::~Directory() {
  Close();
}

bool Directory::confident() const {
  return confirmed_nanoseconds_ >= 0 &&
         absl::Nanoseconds(SteadyNanoseconds() - confirmed_nanoseconds_) <= kConfidence;
}

bool Directory::Take(std::shared_ptr<const ClientEntry> entry,
                     std::unordered_map<std::string, Known>* before) {
  const std::string client_id = entry->access.client_id();
  std::string bytes = entry->access.SerializeAsString();
  const auto old = before->find(client_id);
  const bool changed = old == before->end() || old->second.bytes != bytes;
  clients_[client_id] = {std::move(entry), std::move(bytes), changed ? version_ + 1 : old->second.version};
  if (old != before->end()) before->erase(old);
  return changed;
}

void Directory::Install(Contents contents, absl::Time now) {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    std::unordered_map<std::string, Known> before;
    before.swap(clients_);
    bool changed = false;
    for (auto& entry : contents.clients) {
      changed |= Take(std::move(entry), &before);
    }
    // Rows are never deleted: these went with a restored database.
    for (const auto& [client_id, known] : before) {
      auto gone = std::make_shared<ClientEntry>();
      gone->access.set_client_id(client_id);
      gone->access.set_disabled(true);
      std::unordered_map<std::string, Known> same = {{client_id, known}};
      changed |= Take(std::move(gone), &same);
    }
    if (changed) ++version_;
    keys_ = std::move(contents.keys);
    RefreshKeys(now);
    confirmed_nanoseconds_ = SteadyNanoseconds();
    answers = TakeReady(now, false);
  }
  for (const auto& answer : answers) answer();
}

void Directory::Confirm(absl::Time now) {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    confirmed_nanoseconds_ = SteadyNanoseconds();
    RefreshKeys(now);
    answers = TakeReady(now, false);
  }
  for (const auto& answer : answers) answer();
}

void Directory::Doubt() {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    if (!confident()) answers = TakeReady(absl::InfinitePast(), true);
  }
  for (const auto& answer : answers) answer();
}

void Directory::Close() {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    answers = TakeReady(absl::InfinitePast(), true);
  }
  for (const auto& answer : answers) answer();
}

std::shared_ptr<const ClientEntry> Directory::Find(const std::string& client_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? nullptr : found->second.entry;
}

std::vector<StoredKey> Directory::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::vector<access::PublicKey> Directory::published_keys() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void Directory::RefreshKeys(absl::Time now) {
  std::vector<access::PublicKey> next;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (i + 1 == keys_.size() || now < keys_[i + 1].active_time + access::kTokenLifetime + kKeyMargin)
      next.push_back(keys_[i].public_key);
  }
  const bool same = std::equal(next.begin(), next.end(), published_.begin(), published_.end(),
                               [](const auto& a, const auto& b) { return a.key_id == b.key_id; });
  if (same) return;
  published_ = std::move(next);
  ++version_;
}

v1::ListGrantChangesResponse Directory::Changes(const std::string& epoch, int64_t since) const {
  const std::lock_guard lock(mutex_);
  return ChangesSince(epoch, since);
}

v1::ListGrantChangesResponse Directory::ChangesSince(const std::string& epoch, int64_t since) const {
  const bool complete = epoch != epoch_ || since > version_;
  v1::ListGrantChangesResponse response;
  response.set_epoch(epoch_);
  response.set_version(version_);
  response.set_complete(complete);
  for (const auto& [client_id, known] : clients_) {
    if (complete || known.version > since) *response.add_clients() = known.entry->access;
  }
  for (const access::PublicKey& key : published_) {
    v1::PublishedKey* published = response.add_keys();
    published->set_key_id(key.key_id);
    published->set_x(key.x);
    published->set_y(key.y);
  }
  return response;
}

void Directory::ListChanges(const v1::ListGrantChangesRequest& request, absl::Time deadline, Done done) {
  absl::StatusOr<v1::ListGrantChangesResponse> answer = Away();
  {
    const std::lock_guard lock(mutex_);
    if (confident() && !closed_) {
      const bool is_new = request.epoch() != epoch_ || request.since_version() != version_;
      if (!is_new && waiters_.size() < kWaitersMax) {
        waiters_.push_back({version_, deadline, std::move(done)});
        return;
      }
      answer = ChangesSince(request.epoch(), request.since_version());
    }
  }
  done(std::move(answer));
}

std::vector<std::function<void()>> Directory::TakeReady(absl::Time now, bool all) {
  std::vector<std::function<void()>> ready;
  std::vector<Waiter> waiting;
  for (Waiter& waiter : waiters_) {
    if (all) {
      ready.push_back([done = std::move(waiter.done)] { done(Away()); });
    } else if (waiter.since < version_ || waiter.deadline <= now) {
      ready.push_back(
          [done = std::move(waiter.done), changes = ChangesSince(epoch_, waiter.since)] { done(changes); });
    } else {
      waiting.push_back(std::move(waiter));
    }
  }
  waiters_ = std::move(waiting);
  return ready;
}

}  // namespace lianqiao::identity
