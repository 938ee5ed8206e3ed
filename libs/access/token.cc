// SPDX-License-Identifier: Apache-2.0
#include "libs/access/token.h"

#include <openssl/sha.h>
#include <simdjson.h>

#include <optional>
#include <set>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::access {

namespace {

constexpr size_t kTokenBytesMax = 4096;
constexpr char kTokenType[] = "at+jwt";  // RFC 9068: an ID token or anything else signed by us is none.
constexpr absl::Duration kClockLeeway = absl::Seconds(5);

// Strict: one spelling per byte string, so a token has one text.
bool Decode(const std::string& text, std::string* bytes) {
  return !text.empty() && base::FromBase64Url(text, bytes) && base::Base64Url(*bytes) == text;
}

// A flat JSON object without repeated names.
class Claims {
 public:
  // False for anything that is no object, repeats a name or nests.
  bool Parse(const std::string& json) {
    if (parser_.parse(json.data(), json.size()).get(element_) != simdjson::SUCCESS) return false;
    simdjson::dom::object object;
    if (element_.get(object) != simdjson::SUCCESS) return false;
    for (const auto field : object) {
      if (field.value.is_object() || field.value.is_array()) return false;
      if (!names_.emplace(field.key).second) return false;
    }
    return true;
  }
  const std::set<std::string>& names() const { return names_; }
  std::string Text(const char* name) const {
    std::string_view text;
    return element_[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
  }
  std::optional<absl::Time> Time(const char* name) const {
    int64_t seconds = 0;
    const auto value = element_[name];
    if (value.error() != simdjson::SUCCESS || !value.is_int64() || value.get(seconds) != simdjson::SUCCESS)
      return {};
    if (seconds < 0 || seconds > (int64_t{1} << 40)) return {};
    return absl::FromUnixSeconds(seconds);
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element element_;
  std::set<std::string> names_;
};

constexpr char kExpired[] = "expired";

struct Parts {
  std::string signed_text;  // header.payload as sent
  std::string header;
  std::string payload;
  std::string signature;
};

bool Split(const std::string& token, Parts* parts) {
  const size_t first = token.find('.');
  if (first == std::string::npos) return false;
  const size_t second = token.find('.', first + 1);
  if (second == std::string::npos || token.find('.', second + 1) != std::string::npos) return false;
  parts->signed_text = token.substr(0, second);
  return Decode(token.substr(0, first), &parts->header) &&
         Decode(token.substr(first + 1, second - first - 1), &parts->payload) &&
         Decode(token.substr(second + 1), &parts->signature);
}

// The key id, or empty with a cause. Names other than these (jku, jwk, x5u, crit …) are refused: we never
// write them, and a key comes from identity only.
std::string ReadHeader(const std::string& json, std::string* cause) {
  Claims header;
  *cause = "header";
  if (!header.Parse(json) || header.names() != std::set<std::string>{"alg", "kid", "typ"}) return "";
  *cause = "algorithm";
  if (header.Text("alg") != "ES256") return "";
  *cause = "type";
  if (header.Text("typ") != kTokenType) return "";
  *cause = "key";
  return header.Text("kid");
}

// Empty, or what is wrong.
std::string ReadPayload(const std::string& json, const TokenProfile& profile, absl::Time now,
                        TokenClaims* claims) {
  Claims payload;
  if (!payload.Parse(json)) return "payload";
  if (payload.Text("iss") != profile.issuer) return "issuer";
  if (payload.Text("aud") != profile.audience) return "audience";
  const auto issued = payload.Time("iat"), not_before = payload.Time("nbf"), expires = payload.Time("exp");
  if (!issued || !not_before || !expires) return "times";
  claims->client_id = payload.Text("sub");
  claims->token_id = payload.Text("jti");
  if (now >= *expires) return kExpired;
  if (*not_before > now + kClockLeeway || *issued > now + kClockLeeway) return "not yet valid";
  claims->issued = *issued;
  claims->expires = *expires;
  return base::IsId(claims->client_id) && base::IsId(claims->token_id) ? "" : "subject";
}

TokenCache::Digest DigestOf(const std::string& token) {
  TokenCache::Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

}  // namespace

absl::StatusOr<IssuedToken> IssueToken(const TokenProfile& profile, const SigningKey& key,
                                       const std::string& client_id, absl::Time now) {
  IssuedToken issued;
  const int64_t seconds = absl::ToUnixSeconds(now);
  issued.claims = {client_id, base::RandomId(), key.public_key().key_id, absl::FromUnixSeconds(seconds),
                   absl::FromUnixSeconds(seconds) + kTokenLifetime};
  const std::string header = std::string("{\"alg\":\"ES256\",\"typ\":\"") + kTokenType + "\",\"kid\":\"" +
                             issued.claims.key_id + "\"}";
  const std::string start = std::to_string(seconds);
  const std::string payload = "{\"iss\":" + base::JsonQuote(profile.issuer) +
                              ",\"aud\":" + base::JsonQuote(profile.audience) + ",\"sub\":\"" + client_id +
                              "\",\"client_id\":\"" + client_id + "\",\"jti\":\"" + issued.claims.token_id +
                              "\",\"iat\":" + start + ",\"nbf\":" + start +
                              ",\"exp\":" + std::to_string(absl::ToUnixSeconds(issued.claims.expires)) + "}";
  issued.token = base::Base64Url(header) + "." + base::Base64Url(payload);
  ASSIGN_OR_RETURN(const std::string signature, key.Sign(issued.token));
  issued.token += "." + base::Base64Url(signature);
  return issued;
}

TokenVerifier::TokenVerifier(TokenProfile profile, size_t cached_tokens_max)
    : profile_(std::move(profile)), keys_(std::make_shared<KeySet>()), cache_(cached_tokens_max) {}

absl::Status TokenVerifier::SetKeys(const std::vector<PublicKey>& keys) {
  auto next = std::make_shared<KeySet>();
  for (const PublicKey& key : keys) {
    ASSIGN_OR_RETURN(KeyHandle handle, ParsePublicKey(key));
    next->by_id.emplace(key.key_id, std::move(handle));
  }
  bool removed = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key_id, handle] : keys_->by_id) removed = removed || next->by_id.count(key_id) == 0;
    keys_ = std::move(next);
  }
  if (removed) cache_.Clear();
  return absl::OkStatus();
}

std::shared_ptr<const TokenVerifier::KeySet> TokenVerifier::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::string TokenVerifier::VerifyNew(const std::string& token, absl::Time now, TokenClaims* claims) const {
  Parts parts;
  if (token.size() > kTokenBytesMax || !Split(token, &parts)) return "encoding";
  std::string cause;
  claims->key_id = ReadHeader(parts.header, &cause);
  if (claims->key_id.empty()) return cause;
  const std::shared_ptr<const KeySet> known = keys();
  const auto key = known->by_id.find(claims->key_id);
  if (key == known->by_id.end()) return "key";
  if (!VerifySignature(key->second.get(), parts.signed_text, parts.signature)) return "signature";
  return ReadPayload(parts.payload, profile_, now, claims);
}

absl::StatusOr<std::shared_ptr<const TokenClaims>> TokenVerifier::Verify(const std::string& token,
                                                                         absl::Time now, std::string* cause,
                                                                         TokenClaims* expired) {
  const TokenCache::Digest digest = DigestOf(token);
  if (auto known = cache_.Find(digest, now); known != nullptr) return known;
  auto claims = std::make_shared<TokenClaims>();
  const std::string refused = VerifyNew(token, now, claims.get());
  if (!refused.empty()) {
    if (cause != nullptr) *cause = refused;
    if (expired != nullptr && refused == kExpired && base::IsId(claims->client_id) &&
        base::IsId(claims->token_id))
      *expired = *claims;
    return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
  }
  cache_.Insert(digest, claims);
  // A key may have been withdrawn, and the cache cleared, while this token was being verified.
  if (keys()->by_id.count(claims->key_id) == 0) cache_.Clear();
  return std::shared_ptr<const TokenClaims>(std::move(claims));
}

}  // namespace lianqiao::access
