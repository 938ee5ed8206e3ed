// SPDX-License-Identifier: Apache-2.0
// ES256 keys: the public half that verifies, the private half that signs and how it lies on disk. Used by the
// verifier of every service and by identity.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace lianqiao::access {

inline constexpr size_t kCoordinateBytes = 32;
inline constexpr size_t kSignatureBytes = 64;

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const;
};
using KeyHandle = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// A point on P-256 under a name.
struct PublicKey {
  std::string key_id;
  std::string x;  // kCoordinateBytes, big-endian.
  std::string y;
};

// INVALID_ARGUMENT unless the point lies on P-256.
absl::StatusOr<KeyHandle> ParsePublicKey(const PublicKey& key);

// Whether signature (r ‖ s, 64 bytes) is the key's over message. Safe from many threads on one key.
bool VerifySignature(EVP_PKEY* key, const std::string& message, const std::string& signature);

// RFC 7517 document of all keys.
std::string JwksJson(const std::vector<PublicKey>& keys);

// 32 bytes that seal private keys at rest; wiped when it goes.
class MasterKey {
 public:
  // 64 hexadecimal digits in a file that only its owner can read; makes the file (mode 0600) if it is
  // missing.
  static absl::StatusOr<MasterKey> ReadOrCreate(const std::string& path);
  explicit MasterKey(std::string bytes);
  ~MasterKey();
  MasterKey(MasterKey&& other) noexcept;
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;

  std::string Seal(const std::string& plain) const;  // nonce ‖ box
  absl::StatusOr<std::string> Open(const std::string& sealed) const;

 private:
  std::string bytes_;
};

// Signs; never copied, never printed.
class SigningKey {
 public:
  static absl::StatusOr<std::shared_ptr<const SigningKey>> Generate();
  static absl::StatusOr<std::shared_ptr<const SigningKey>> FromSealed(const std::string& sealed,
                                                                      const MasterKey& master);
  absl::StatusOr<std::string> Seal(const MasterKey& master) const;
  const PublicKey& public_key() const { return public_key_; }
  absl::StatusOr<std::string> Sign(const std::string& message) const;  // r ‖ s

 private:
  static absl::StatusOr<std::shared_ptr<const SigningKey>> FromHandle(KeyHandle key);
  KeyHandle key_;
  PublicKey public_key_;
};

}  // namespace lianqiao::access
