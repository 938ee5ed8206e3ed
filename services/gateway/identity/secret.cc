// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/secret.h"

#include <sodium.h>

#include "libs/base/ids.h"

namespace lianqiao::identity {

namespace {

constexpr size_t kSelectorBytes = 9;
constexpr size_t kSecretBytes = 32;
constexpr size_t kSelectorCharacters = 12;
constexpr size_t kSecretCharacters = 12 + 1 + 43;
constexpr unsigned long long kPasses = 2;
constexpr size_t kMemoryBytes = 8u << 20;
constexpr size_t kWaitingMax = 128;
constexpr absl::Duration kRemembered = absl::Seconds(30);
constexpr size_t kRememberedMax = 10000;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string MakeSecret() {
  return base::Base64Url(base::RandomBytes(kSelectorBytes)) + "." +
         base::Base64Url(base::RandomBytes(kSecretBytes));
}

std::string SelectorOf(const std::string& secret) {
  if (secret.size() != kSecretCharacters || secret[kSelectorCharacters] != '.') return "";
  return secret.substr(0, kSelectorCharacters);
}

std::string HashSecret(const std::string& secret) {
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(hash.data(), secret.data(), secret.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return "";  // Out of memory: matches nothing.
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool SecretMatches(const std::string& hash, const std::string& secret) {
  std::string padded = hash;
  padded.resize(crypto_pwhash_STRBYTES, '\0');
  return crypto_pwhash_str_verify(padded.data(), secret.data(), secret.size()) == 0;
}

SecretChecker::SecretChecker() : decoy_(HashSecret(MakeSecret())), thread_([this] { Run(); }) {}

SecretChecker::~SecretChecker() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (Work& work : queue_) work.done(false);
}

bool SecretChecker::Check(std::string hash, std::string secret, std::function<void(bool)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= kWaitingMax) return false;
    queue_.push_back({std::move(hash), std::move(secret), std::move(done)});
  }
  changed_.notify_one();
  return true;
}

void SecretChecker::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work.done(SecretMatches(work.hash, work.secret));
    lock.lock();
  }
}

RecentSecrets::RecentSecrets() : key_(base::RandomBytes(crypto_generichash_KEYBYTES)) {}

std::string RecentSecrets::DigestOf(const std::string& secret) const {
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), Bytes(secret),
                     secret.size(), Bytes(key_), key_.size());
  return digest;
}

std::string RecentSecrets::Find(const std::string& secret, absl::Time now) {
  const std::string digest = DigestOf(secret);
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(digest);
  return found == known_.end() || found->second.until <= now ? "" : found->second.secret_id;
}

void RecentSecrets::Remember(const std::string& secret, const std::string& secret_id, absl::Time now) {
  const std::string digest = DigestOf(secret);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kRememberedMax) known_.clear();  // They all come back by one check each.
  known_[digest] = {secret_id, now + kRemembered};
}

}  // namespace lianqiao::identity
