// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/compression.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace lianqiao::gateway {
namespace {

constexpr int kGzipWindow = 15 + 16;
// JSON shrinks to a fifth already at the fastest level; more costs several times the processor time.
constexpr int kLevel = 1;

struct Deflater {
  z_stream stream{};
  Deflater() { deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY); }
  ~Deflater() { deflateEnd(&stream); }
};

struct Inflater {
  z_stream stream{};
  Inflater() { inflateInit2(&stream, kGzipWindow); }
  ~Inflater() { inflateEnd(&stream); }
};

Bytef* In(std::string* text) {
  return reinterpret_cast<Bytef*>(text->data());
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  const absl::string_view header(accept_encoding.data(), accept_encoding.size());
  bool any = false;
  for (absl::string_view choice : absl::StrSplit(header, ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(choice, ';');
    const absl::string_view coding = absl::StripAsciiWhitespace(parts[0]);
    float weight = 1;
    for (size_t i = 1; i < parts.size(); ++i) {
      const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
      if (absl::StartsWithIgnoreCase(parameter, "q=") && !absl::SimpleAtof(parameter.substr(2), &weight))
        weight = 0;
    }
    if (absl::EqualsIgnoreCase(coding, "gzip")) return weight > 0;
    if (coding == "*") any = weight > 0;
  }
  return any;
}

void Gzip(std::string* body) {
  thread_local Deflater deflater;
  z_stream& stream = deflater.stream;
  deflateReset(&stream);
  std::string out(deflateBound(&stream, body->size()), '\0');
  stream.next_in = In(body);
  stream.avail_in = static_cast<uInt>(body->size());
  stream.next_out = In(&out);
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // deflateBound leaves room for all of it.
  out.resize(stream.total_out);
  *body = std::move(out);
}

Inflated Gunzip(std::string* body, size_t bytes_max) {
  thread_local Inflater inflater;
  z_stream& stream = inflater.stream;
  inflateReset(&stream);
  std::string out;
  stream.next_in = In(body);
  stream.avail_in = static_cast<uInt>(body->size());
  for (;;) {
    const size_t before = out.size();
    out.resize(std::min(bytes_max + 1, std::max<size_t>(before * 2, body->size() * 4 + 256)));
    stream.next_out = In(&out) + before;
    stream.avail_out = static_cast<uInt>(out.size() - before);
    const int result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > bytes_max) return Inflated::kTooLarge;
    if (result == Z_STREAM_END) {
      if (stream.avail_in != 0) return Inflated::kMalformed;
      *body = std::move(out);
      return Inflated::kOk;
    }
    if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) return Inflated::kMalformed;
  }
}

}  // namespace lianqiao::gateway
