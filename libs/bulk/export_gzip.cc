// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_gzip.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include "libs/base/log.h"

namespace lianqiao::bulk {
namespace {

constexpr int kLevel = 6;
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMemoryLevel = 8;

// Only out of memory: what these functions are given is always right.
void Require(bool done, const char* what) {
  if (done) return;
  base::Log(base::Severity::kError, "out_of_memory", {{"what", what}});
  std::abort();
}

}  // namespace

struct ExportGzip::State {
  State() {
    Require(
        deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK,
        "deflateInit2");
    digest = EVP_MD_CTX_new();
    Require(digest != nullptr && EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) == 1, "EVP_DigestInit_ex");
  }
  ~State() {
    deflateEnd(&stream);
    EVP_MD_CTX_free(digest);
  }

  z_stream stream{};
  EVP_MD_CTX* digest = nullptr;
  std::array<unsigned char, 64u << 10> out{};
};

ExportGzip::ExportGzip() : state_(std::make_unique<State>()) {}
ExportGzip::~ExportGzip() = default;

void ExportGzip::Add(const std::string& text) {
  Deflate(text, false);
}

void ExportGzip::Finish() {
  if (finished_) return;
  finished_ = true;
  Deflate("", true);
}

void ExportGzip::Deflate(const std::string& text, bool last) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  int result = Z_OK;
  do {
    stream.next_out = state_->out.data();
    stream.avail_out = static_cast<uInt>(state_->out.size());
    result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    Require(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "deflate");
    const size_t made = state_->out.size() - stream.avail_out;
    Require(EVP_DigestUpdate(state_->digest, state_->out.data(), made) == 1, "EVP_DigestUpdate");
    waiting_.append(reinterpret_cast<const char*>(state_->out.data()), made);
    size_bytes_ += static_cast<int64_t>(made);
  } while (last ? result != Z_STREAM_END : stream.avail_out == 0);
}

bool ExportGzip::Take(std::string* chunk) {
  if (waiting_.size() < kExportChunkBytes && !(finished_ && !waiting_.empty())) return false;
  *chunk = waiting_.substr(0, kExportChunkBytes);
  waiting_.erase(0, kExportChunkBytes);
  return true;
}

std::string ExportGzip::Sha256() const {
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_MD_CTX* copy = EVP_MD_CTX_new();
  Require(copy != nullptr && EVP_MD_CTX_copy_ex(copy, state_->digest) == 1 &&
              EVP_DigestFinal_ex(copy, reinterpret_cast<unsigned char*>(digest.data()), &size) == 1,
          "EVP_DigestFinal_ex");
  EVP_MD_CTX_free(copy);
  return digest;
}

}  // namespace lianqiao::bulk
