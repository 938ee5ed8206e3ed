// SPDX-License-Identifier: Apache-2.0
// Forged, damaged and outdated tokens (reliability row 2), the cache, and keys at rest.
#include "libs/access/token.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <ctime>

#include "libs/base/ids.h"

namespace lianqiao::access {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1700000000);
constexpr char kClient[] = "018bcfe5-6800-7000-8000-000000000001";

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() {
    key_ = *SigningKey::Generate();
    EXPECT_TRUE(verifier_.SetKeys({key_->public_key()}).ok());
    id_ = key_->public_key().key_id;
  }
  std::string Header(const std::string& more = "") const {
    return R"({"alg":"ES256","typ":"at+jwt","kid":")" + id_ + "\"" + more + "}";
  }
  static std::string Payload(const std::string& issuer = "lianqiao",
                             const std::string& audience = "lianqiao-platform", int64_t issued = 1700000000,
                             int64_t expires = 1700000600, const std::string& more = "") {
    return R"({"iss":")" + issuer + R"(","aud":")" + audience + R"(","sub":")" + kClient + R"(","jti":")" +
           kClient + R"(","iat":)" + std::to_string(issued) + R"(,"nbf":)" + std::to_string(issued) +
           R"(,"exp":)" + std::to_string(expires) + more + "}";
  }
  // Signed with the real key: only what stands in the token is wrong.
  std::string Signed(const std::string& header, const std::string& payload) const {
    const std::string text = base::Base64Url(header) + "." + base::Base64Url(payload);
    return text + "." + base::Base64Url(*key_->Sign(text));
  }
  void ExpectRefused(const std::string& token, const std::string& cause) {
    std::string said;
    const auto claims = verifier_.Verify(token, kNow, &said);
    EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated) << token;
    EXPECT_EQ(said, cause) << token;
  }
  std::shared_ptr<const SigningKey> key_;
  std::string id_;
  TokenVerifier verifier_{TokenProfile()};
};

TEST_F(TokenTest, OurOwnTokenIsGoodUntilItExpires) {
  const auto issued = IssueToken(TokenProfile(), *key_, kClient, kNow);
  ASSERT_TRUE(issued.ok());
  const auto claims = verifier_.Verify(issued->token, kNow);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ((*claims)->client_id, kClient);
  EXPECT_EQ((*claims)->token_id, issued->claims.token_id);
  EXPECT_TRUE(verifier_.Verify(issued->token, kNow + kTokenLifetime - absl::Seconds(1)).ok());
  TokenClaims expired;
  EXPECT_FALSE(verifier_.Verify(issued->token, kNow + kTokenLifetime, nullptr, &expired).ok());
  EXPECT_EQ(expired.client_id, kClient);
  EXPECT_EQ(expired.token_id, issued->claims.token_id);
  TokenClaims forged;
  std::string other = issued->token;
  other[other.size() - 10] = other[other.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verifier_.Verify(other, kNow + kTokenLifetime, nullptr, &forged).ok());
  EXPECT_EQ(forged.client_id, "") << "nobody signed it";
  EXPECT_TRUE(verifier_.Verify(Signed(Header(), Payload()), kNow).ok())
      << "the forgeries below start from this one";
}

TEST_F(TokenTest, OtherAlgorithmsAreRefused) {
  const std::string payload = base::Base64Url(Payload());
  const auto header = [&](const std::string& algorithm) {
    return base::Base64Url(R"({"alg":")" + algorithm + R"(","typ":"at+jwt","kid":")" + id_ + "\"}");
  };
  ExpectRefused(header("none") + "." + payload + ".", "encoding");
  ExpectRefused(header("none") + "." + payload + ".AA", "algorithm");
  ExpectRefused(header("es256") + "." + payload + ".AA", "algorithm");
  // The public key as an HMAC secret.
  const std::string text = header("HS256") + "." + payload;
  const std::string secret = "\x04" + key_->public_key().x + key_->public_key().y;
  std::string mac(32, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  ExpectRefused(text + "." + base::Base64Url(mac), "algorithm");
  ExpectRefused(header("RS256") + "." + payload + "." + base::Base64Url(std::string(256, 'x')), "algorithm");
}

TEST_F(TokenTest, AKeyFromTheTokenIsNeverUsed) {
  ExpectRefused(Signed(Header(R"(,"jku":"https://evil.example/jwks.json")"), Payload()), "header");
  ExpectRefused(Signed(Header(R"(,"jwk":"x")"), Payload()), "header");
  ExpectRefused(Signed(Header(R"(,"x5u":"https://evil.example/cert")"), Payload()), "header");
  ExpectRefused(Signed(Header(R"(,"crit":"exp")"), Payload()), "header");
  ExpectRefused(Signed(R"({"alg":"ES256","typ":"at+jwt","kid":"../../../dev/null"})", Payload()), "key");
  ExpectRefused(Signed(R"({"alg":"ES256","typ":"at+jwt","kid":"' OR 1=1 --"})", Payload()), "key");
  ExpectRefused(Signed(R"({"alg":"ES256","typ":"at+jwt","kid":""})", Payload()), "key");
}

TEST_F(TokenTest, ATokenForSomethingElseIsRefused) {
  ExpectRefused(Signed(R"({"alg":"ES256","typ":"JWT","kid":")" + id_ + "\"}", Payload()), "type");
  ExpectRefused(Signed(Header(), Payload("https://other.example")), "issuer");
  ExpectRefused(Signed(Header(), Payload("lianqiao", "another-platform")), "audience");
  ExpectRefused(Signed(Header(), Payload("lianqiao", "lianqiao-platform", 1699999000, 1700000000)),
                "expired");
  ExpectRefused(Signed(Header(), Payload("lianqiao", "lianqiao-platform", 1700000060, 1700000600)),
                "not yet valid");
}

TEST_F(TokenTest, RepeatedNestedOrMistypedClaimsAreRefused) {
  const std::string twice =
      Payload("lianqiao", "lianqiao-platform", 1700000000, 1700000600, R"(,"exp":1900000000)");
  ExpectRefused(Signed(Header(), twice), "payload");
  ExpectRefused(Signed(Header(R"(,"kid":"other")"), Payload()), "header");
  const std::string list =
      Payload("lianqiao", "lianqiao-platform", 1700000000, 1700000600, R"(,"extra":["x"])");
  ExpectRefused(Signed(Header(), list), "payload");
  std::string text = Payload();
  text.replace(text.find("1700000600"), 10, "\"1700000600\"");
  ExpectRefused(Signed(Header(), text), "times");
  std::string fraction = Payload();
  fraction.replace(fraction.find("1700000600"), 10, "1.7000006e9");
  ExpectRefused(Signed(Header(), fraction), "times");
  std::string negative = Payload();
  negative.replace(negative.find("1700000600"), 10, "-700000600");
  ExpectRefused(Signed(Header(), negative), "times");
  ExpectRefused(Signed(Header(), "{}"), "issuer");
  ExpectRefused(Signed(Header(), "[]"), "payload");
  ExpectRefused(Signed("[]", Payload()), "header");
}

TEST_F(TokenTest, DamagedAndShortenedTokensAreRefused) {
  const std::string token = IssueToken(TokenProfile(), *key_, kClient, kNow)->token;
  ExpectRefused("", "encoding");
  ExpectRefused("..", "encoding");
  ExpectRefused(token.substr(0, token.rfind('.')), "encoding");
  ExpectRefused(token + ".AA", "encoding");
  ExpectRefused(token + "=", "encoding");
  ExpectRefused(" " + token, "encoding");
  ExpectRefused(std::string(5000, 'a'), "encoding");
  std::string bad = token;
  bad[bad.size() / 2] = '!';
  ExpectRefused(bad, "encoding");
  EXPECT_FALSE(verifier_.Verify(token.substr(0, token.size() - 2), kNow).ok());
  ExpectRefused(token.substr(0, token.rfind('.') + 1) + base::Base64Url(std::string(64, '\0')), "signature");
  ExpectRefused(token.substr(0, token.rfind('.') + 1) + base::Base64Url(std::string(64, '\xff')),
                "signature");
  // Another spelling of the same bytes: the last character of 64 bytes carries four unused bits.
  std::string other = token;
  other.back() = other.back() == 'B' ? 'C' : 'B';
  EXPECT_FALSE(verifier_.Verify(other, kNow).ok());
}

TEST_F(TokenTest, AnotherKeyOfTheSameNameIsRefused) {
  const auto forger = *SigningKey::Generate();
  const std::string text = base::Base64Url(Header()) + "." + base::Base64Url(Payload());
  ExpectRefused(text + "." + base::Base64Url(*forger->Sign(text)), "signature");
  // A signature of the right key in DER instead of r ‖ s has another length.
  ExpectRefused(text + "." + base::Base64Url(*key_->Sign(text) + "x"), "signature");
}

TEST_F(TokenTest, AKeyThatIsNoPointOnTheCurveIsNotTaken) {
  PublicKey off = key_->public_key();
  off.y[5] = static_cast<char>(off.y[5] ^ 1);
  EXPECT_FALSE(verifier_.SetKeys({off}).ok());
  PublicKey wide{"p384", std::string(48, 'x'), std::string(48, 'y')};
  EXPECT_FALSE(verifier_.SetKeys({wide}).ok());
  EXPECT_TRUE(verifier_.Verify(Signed(Header(), Payload()), kNow).ok()) << "the old keys stay";
}

TEST_F(TokenTest, AWithdrawnKeyEndsItsTokensAtOnce) {
  const std::string token = IssueToken(TokenProfile(), *key_, kClient, kNow)->token;
  ASSERT_TRUE(verifier_.Verify(token, kNow).ok());
  const auto next = *SigningKey::Generate();
  ASSERT_TRUE(verifier_.SetKeys({key_->public_key(), next->public_key()}).ok());
  EXPECT_TRUE(verifier_.Verify(token, kNow).ok()) << "current and previous are both published";
  ASSERT_TRUE(verifier_.SetKeys({next->public_key()}).ok());
  ExpectRefused(token, "key");
}

TEST_F(TokenTest, TheCacheIsBoundedAndForgetsTheLeastRecentlyUsed) {
  TokenCache cache(160);
  const auto claims =
      std::make_shared<TokenClaims>(TokenClaims{kClient, "", "", kNow, kNow + absl::Seconds(1)});
  TokenCache::Digest hot = {};
  cache.Insert(hot, claims);
  for (int i = 1; i < 5000; ++i) {
    TokenCache::Digest digest = {};
    digest[0] = static_cast<uint8_t>(i);
    digest[1] = static_cast<uint8_t>(i >> 8);
    digest[31] = static_cast<uint8_t>(i);
    cache.Insert(digest, claims);
    EXPECT_NE(cache.Find(hot, kNow), nullptr);
  }
  EXPECT_LE(cache.size(), 176u);
  EXPECT_EQ(cache.Find(hot, kNow + absl::Seconds(1)), nullptr);
}

TEST_F(TokenTest, ACachedTokenCostsAboutAMicrosecond) {
  const std::string token = IssueToken(TokenProfile(), *key_, kClient, kNow)->token;
  ASSERT_TRUE(verifier_.Verify(token, kNow).ok());
  constexpr int kTimes = 20000;
  const std::clock_t start = std::clock();
  for (int i = 0; i < kTimes; ++i) ASSERT_TRUE(verifier_.Verify(token, kNow).ok());
  const double microseconds = static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC / kTimes;
  RecordProperty("cached_verify_microseconds", std::to_string(microseconds));
  // Far above what it takes even unoptimised and sanitised, far below one signature (60–150 µs).
  EXPECT_LT(microseconds, 30);
}

TEST(KeyTest, APrivateKeyComesBackOnlyWithItsMasterKey) {
  const std::string path = ::testing::TempDir() + "/master.key";
  unlink(path.c_str());
  const auto made = MasterKey::ReadOrCreate(path);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto key = *SigningKey::Generate();
  const std::string sealed = *key->Seal(*made);
  const auto again = MasterKey::ReadOrCreate(path);
  ASSERT_TRUE(again.ok());
  const auto opened = SigningKey::FromSealed(sealed, *again);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->public_key().key_id, key->public_key().key_id);
  EXPECT_FALSE(SigningKey::FromSealed(sealed, MasterKey(std::string(32, 'x'))).ok());
  std::string damaged = sealed;
  damaged[40] = static_cast<char>(damaged[40] ^ 1);
  EXPECT_FALSE(SigningKey::FromSealed(damaged, *again).ok());
  EXPECT_FALSE(SigningKey::FromSealed("", *again).ok());
  chmod(path.c_str(), 0640);
  EXPECT_EQ(MasterKey::ReadOrCreate(path).status().code(), absl::StatusCode::kFailedPrecondition);
  unlink(path.c_str());
}

TEST(KeyTest, TheJwksHoldsPublicPartsOnly) {
  const auto key = *SigningKey::Generate();
  const std::string json = JwksJson({key->public_key(), key->public_key()});
  EXPECT_NE(json.find("\"crv\":\"P-256\""), std::string::npos);
  EXPECT_NE(json.find("},{"), std::string::npos);
  EXPECT_EQ(json.find("\"d\""), std::string::npos);
  EXPECT_EQ(JwksJson({}), "{\"keys\":[]}");
}

}  // namespace
}  // namespace lianqiao::access
