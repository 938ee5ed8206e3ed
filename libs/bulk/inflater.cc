// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/inflater.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;
constexpr int kGzipWindowBits = 15 + 16;

absl::Status Broken() {
  return base::Fail(absl::StatusCode::kInvalidArgument, base::ErrorReason::IMPORT_COMPRESSION_INVALID);
}

}  // namespace

Inflater::Inflater(Sink sink) : sink_(std::move(sink)), out_(kPieceBytes, '\0') {
  ready_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK;
}

Inflater::~Inflater() {
  if (ready_) inflateEnd(&stream_);
}

absl::Status Inflater::Feed(absl::string_view bytes) {
  if (!ready_) return absl::ResourceExhaustedError("zlib has no memory");
  const int64_t before = in_bytes_;
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  bool full = false;  // More may come out of what went in already.
  while (stream_.avail_in > 0 || full) {
    stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
    stream_.avail_out = static_cast<uInt>(out_.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return Broken();
    const size_t made = out_.size() - stream_.avail_out;
    full = stream_.avail_out == 0;
    out_bytes_ += static_cast<int64_t>(made);
    in_bytes_ = before + static_cast<int64_t>(bytes.size() - stream_.avail_in);
    if (out_bytes_ > kUnpackedBytesMax) return Broken();
    if (out_bytes_ > kUnpackedBytesFree && out_bytes_ / kUnpackedRatioMax > in_bytes_) return Broken();
    within_ = result != Z_STREAM_END;
    if (made > 0) RETURN_IF_ERROR(sink_(absl::string_view(out_.data(), made)));
    if (result == Z_BUF_ERROR && made == 0) break;
    if (result == Z_STREAM_END) {
      full = false;
      if (inflateReset(&stream_) != Z_OK) return Broken();
    }
  }
  return absl::OkStatus();
}

absl::Status Inflater::Finish() const {
  return within_ || in_bytes_ == 0 ? Broken() : absl::OkStatus();
}

}  // namespace lianqiao::bulk
