// SPDX-License-Identifier: Apache-2.0
#include "libs/access/token_key.h"

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "libs/base/ids.h"

namespace lianqiao::access {

namespace {

constexpr char kGroup[] = "prime256v1";
constexpr size_t kSealOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string* text) {
  return reinterpret_cast<unsigned char*>(text->data());
}

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Context = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

absl::Status CryptoFailure(const char* what) {
  return absl::InternalError(std::string("OpenSSL: ") + what);
}

std::string Coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return "";
  const Number number(raw);
  std::string bytes(kCoordinateBytes, '\0');
  if (BN_bn2binpad(number.get(), Bytes(&bytes), kCoordinateBytes) != static_cast<int>(kCoordinateBytes))
    return "";
  return bytes;
}

// DER, as OpenSSL wants it; empty if r or s is not a number below 2^256.
std::string DerSignature(const std::string& raw) {
  if (raw.size() != kSignatureBytes) return "";
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(Bytes(raw), kCoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(raw) + kCoordinateBytes, kCoordinateBytes, nullptr);
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return "";
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string result(reinterpret_cast<char*>(der), size);
  OPENSSL_free(der);
  return result;
}

}  // namespace

void KeyDeleter::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

absl::StatusOr<KeyHandle> ParsePublicKey(const PublicKey& key) {
  if (key.key_id.empty() || key.x.size() != kCoordinateBytes || key.y.size() != kCoordinateBytes)
    return absl::InvalidArgumentError("a public key needs an id and two coordinates of 32 bytes");
  std::string point = "\x04" + key.x + key.y;
  std::string group = kGroup;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* raw = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return absl::InvalidArgumentError("key " + key.key_id + " is no point on P-256");
  }
  KeyHandle handle(raw);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, raw, nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1)
    return absl::InvalidArgumentError("key " + key.key_id + " is no point on P-256");
  return handle;
}

bool VerifySignature(EVP_PKEY* key, const std::string& message, const std::string& signature) {
  const std::string der = DerSignature(signature);
  if (der.empty()) return false;
  const Context context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1)
    return false;
  return EVP_DigestVerify(context.get(), Bytes(der), der.size(), Bytes(message), message.size()) == 1;
}

std::string JwksJson(const std::vector<PublicKey>& keys) {
  std::string json = "{\"keys\":[";
  for (const PublicKey& key : keys) {
    if (json.back() == '}') json += ',';
    json += "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"" + key.key_id +
            "\",\"x\":\"" + base::Base64Url(key.x) + "\",\"y\":\"" + base::Base64Url(key.y) + "\"}";
  }
  return json + "]}";
}

MasterKey::MasterKey(std::string bytes) : bytes_(std::move(bytes)) {}
MasterKey::~MasterKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}
MasterKey::MasterKey(MasterKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
  other.bytes_.clear();
}

absl::StatusOr<MasterKey> MasterKey::ReadOrCreate(const std::string& path) {
  const int made = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    const std::string text = base::Hex(base::RandomBytes(crypto_secretbox_KEYBYTES)) + "\n";
    const bool written =
        write(made, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(made) == 0;
    close(made);
    if (!written) {
      unlink(path.c_str());
      return absl::UnavailableError("cannot write the master key to " + path);
    }
  }
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return absl::UnavailableError("cannot read the master key " + path + ": " + std::strerror(errno));
  struct stat status = {};
  std::string text(2 * crypto_secretbox_KEYBYTES + 2, '\0');
  const bool is_private = fstat(file, &status) == 0 && (status.st_mode & 077) == 0;
  const ssize_t size = read(file, text.data(), text.size());
  close(file);
  if (!is_private) return absl::FailedPreconditionError("the master key " + path + " must have mode 0600");
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::string bytes(crypto_secretbox_KEYBYTES, '\0');
  size_t length = 0;
  const int bad =
      sodium_hex2bin(Bytes(&bytes), bytes.size(), text.data(), text.size(), nullptr, &length, nullptr);
  sodium_memzero(text.data(), text.size());
  if (bad != 0 || length != bytes.size())
    return absl::FailedPreconditionError("the master key " + path + " must hold 64 hexadecimal digits");
  return MasterKey(std::move(bytes));
}

std::string MasterKey::Seal(const std::string& plain) const {
  const std::string nonce = base::RandomBytes(crypto_secretbox_NONCEBYTES);
  std::string box(plain.size() + crypto_secretbox_MACBYTES, '\0');
  crypto_secretbox_easy(Bytes(&box), Bytes(plain), plain.size(), Bytes(nonce), Bytes(bytes_));
  return nonce + box;
}

absl::StatusOr<std::string> MasterKey::Open(const std::string& sealed) const {
  const auto refused =
      absl::FailedPreconditionError("a signing key cannot be opened: wrong master key or damaged row");
  if (sealed.size() < kSealOverhead) return refused;
  std::string plain(sealed.size() - kSealOverhead, '\0');
  const unsigned char* box = Bytes(sealed) + crypto_secretbox_NONCEBYTES;
  if (crypto_secretbox_open_easy(Bytes(&plain), box, sealed.size() - crypto_secretbox_NONCEBYTES,
                                 Bytes(sealed), Bytes(bytes_)) != 0) {
    return refused;
  }
  return plain;
}

absl::StatusOr<std::shared_ptr<const SigningKey>> SigningKey::FromHandle(KeyHandle key) {
  auto made = std::make_shared<SigningKey>();
  made->public_key_.x = Coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X);
  made->public_key_.y = Coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
  if (made->public_key_.x.empty() || made->public_key_.y.empty()) return CryptoFailure("not a key on P-256");
  // The name follows from the key, so two processes never give one name to two keys.
  made->public_key_.key_id =
      base::Base64Url(base::Sha256(made->public_key_.x + made->public_key_.y).substr(0, 12));
  made->key_ = std::move(key);
  return std::shared_ptr<const SigningKey>(std::move(made));
}

absl::StatusOr<std::shared_ptr<const SigningKey>> SigningKey::Generate() {
  KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kGroup));
  if (key == nullptr) return CryptoFailure("cannot generate a key");
  return FromHandle(std::move(key));
}

absl::StatusOr<std::shared_ptr<const SigningKey>> SigningKey::FromSealed(const std::string& sealed,
                                                                         const MasterKey& master) {
  absl::StatusOr<std::string> der = master.Open(sealed);
  if (!der.ok()) return der.status();
  const unsigned char* position = Bytes(*der);
  KeyHandle key(d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der->size())));
  sodium_memzero(der->data(), der->size());
  if (key == nullptr) return CryptoFailure("cannot parse a stored key");
  return FromHandle(std::move(key));
}

absl::StatusOr<std::string> SigningKey::Seal(const MasterKey& master) const {
  unsigned char* der = nullptr;
  const int size = i2d_PrivateKey(key_.get(), &der);
  if (size <= 0) return CryptoFailure("cannot encode a key");
  std::string plain(reinterpret_cast<char*>(der), size);
  OPENSSL_clear_free(der, size);
  std::string sealed = master.Seal(plain);
  sodium_memzero(plain.data(), plain.size());
  return sealed;
}

absl::StatusOr<std::string> SigningKey::Sign(const std::string& message) const {
  const Context context(EVP_MD_CTX_new());
  std::string der(128, '\0');
  size_t size = der.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), Bytes(&der), &size, Bytes(message), message.size()) != 1) {
    return CryptoFailure("cannot sign");
  }
  const unsigned char* position = Bytes(der);
  const Signature signature(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(size)));
  if (signature == nullptr) return CryptoFailure("cannot encode a signature");
  std::string raw(kSignatureBytes, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(&raw), kCoordinateBytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(&raw) + kCoordinateBytes, kCoordinateBytes);
  return raw;
}

}  // namespace lianqiao::access
