// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/guess_limiter.h"

#include <algorithm>
#include <iterator>

#include "libs/base/ids.h"

namespace lianqiao::identity {

namespace {

constexpr double kBurst = 20;  // Wrong guesses in a row; then one per kLeak.
constexpr absl::Duration kLeak = absl::Seconds(2);
constexpr absl::Duration kTrusted = absl::Hours(24);
constexpr size_t kAccountsMax = 100000;
constexpr absl::Duration kPrunePause = absl::Seconds(1);  // It walks through everything.

// Short enough to lie in the string itself; two of 100,000 names never meet in 120 bits.
std::string KeyOf(const std::string& kind, const std::string& name, const std::string& address) {
  return base::Sha256(kind + " " + std::to_string(name.size()) + " " + name + " " + address).substr(0, 15);
}

double LeakedUntil(double guesses, absl::Duration passed) {
  return std::max(0.0, guesses - absl::FDivDuration(passed, kLeak));
}

}  // namespace

std::string GuessLimiter::ClientKey(const std::string& client_id, const std::string& address,
                                    absl::Time now) const {
  const std::string pair = KeyOf("pair", client_id, address);
  if (address.empty()) return pair;
  const auto trusted = trusted_.find(pair);
  return trusted != trusted_.end() && now - trusted->second < kTrusted ? pair
                                                                       : KeyOf("client", client_id, "");
}

// Addresses beyond those that can be remembered share one account.
std::string GuessLimiter::AddressKey(const std::string& address) const {
  std::string key = KeyOf("address", address, "");
  const bool room = addresses_.size() < kAccountsMax || addresses_.count(key) > 0;
  return room ? key : KeyOf("other", "", "");
}

double GuessLimiter::Guesses(const Accounts& accounts, const std::string& key, absl::Time now) {
  const auto found = accounts.find(key);
  return found == accounts.end() ? 0 : LeakedUntil(found->second.guesses, now - found->second.at);
}

void GuessLimiter::Add(Accounts* accounts, const std::string& key, double guesses, absl::Time now) {
  Account& account = (*accounts)[key];
  account.guesses = std::max(0.0, LeakedUntil(account.guesses, now - account.at) + guesses);
  account.at = now;
}

void GuessLimiter::Prune(absl::Time now) {
  const size_t most = std::max({clients_.size(), addresses_.size(), trusted_.size()});
  if (most < kAccountsMax || now - pruned_ < kPrunePause) return;
  pruned_ = now;
  for (Accounts* accounts : {&clients_, &addresses_}) {
    for (auto it = accounts->begin(); it != accounts->end();)
      it = Guesses(*accounts, it->first, now) == 0 ? accounts->erase(it) : std::next(it);
  }
  for (auto it = trusted_.begin(); it != trusted_.end();) {
    it = now - it->second >= kTrusted ? trusted_.erase(it) : std::next(it);
  }
  // Still full: a flood of made-up names. Forgetting those is harmless, the addresses' accounts hold it up.
  if (clients_.size() >= kAccountsMax) clients_.clear();
  if (trusted_.size() >= kAccountsMax) trusted_.clear();
}

absl::Duration GuessLimiter::Charge(const std::string& client_id, const std::string& address,
                                    absl::Time now) {
  const std::lock_guard lock(mutex_);
  Prune(now);
  const std::string client_key = ClientKey(client_id, address, now);
  const std::string address_key = AddressKey(address);
  const double from = address.empty() ? 0 : Guesses(addresses_, address_key, now);
  // What is refused leaves no trace, or refusals would fill the memory.
  const double excess = std::max(Guesses(clients_, client_key, now), from) - (kBurst - 1);
  if (excess > 0) return excess * kLeak;
  Add(&clients_, client_key, 1, now);
  if (!address.empty()) Add(&addresses_, address_key, 1, now);
  return absl::ZeroDuration();
}

void GuessLimiter::Succeed(const std::string& client_id, const std::string& address, absl::Time now) {
  const std::lock_guard lock(mutex_);
  Add(&clients_, ClientKey(client_id, address, now), -1, now);
  if (address.empty()) return;
  Add(&addresses_, AddressKey(address), -1, now);
  trusted_[KeyOf("pair", client_id, address)] = now;
}

size_t GuessLimiter::accounts() const {
  const std::lock_guard lock(mutex_);
  return clients_.size() + addresses_.size();
}

}  // namespace lianqiao::identity
