// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/refused_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/bulk/ledger.h"
#include "libs/json/json.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;

namespace {

// Read without giving up the session, when they hold no refused line.
constexpr int kChunksPerTurn = 4;
// deflate packs at most 1,032 bytes into one: some 2 MiB.
constexpr size_t kSliceBytes = 2048;

}  // namespace

RefusedLines::RefusedLines(const contract::Contract* contract, ImportRow row)
    : row_(std::move(row)),
      decoder_(contract, row_.options, row_.form()),
      source_(row_.form(), row_.options.gzip(), [this](const SourceItem& item) { return Take(item); }) {}

absl::StatusOr<std::string> RefusedLines::Next(postgres::Session& session) {
  session_ = &session;
  for (int chunks = 0; !read_ && out_.size() < kRefusedPieceBytes;) {
    if (fed_ == chunk_.size()) {
      if (chunks++ == kChunksPerTurn) break;
      RETURN_IF_ERROR(ReadChunk(session));
    } else {
      RETURN_IF_ERROR(FeedSome());
    }
    // Behind the last refused line nothing is of interest.
    read_ = read_ || (exhausted_ && at_ == page_.size());
  }
  std::string piece = out_.substr(0, kRefusedPieceBytes);
  out_.erase(0, piece.size());
  return piece;
}

absl::Status RefusedLines::ReadChunk(postgres::Session& session) {
  static const Query kRead{
      "read_refused_chunk",
      "SELECT content FROM import_chunk WHERE import_id = $1::uuid AND number = $2::integer"};
  chunk_.clear();
  fed_ = 0;
  read_ = next_chunk_ >= row_.chunks;
  if (read_) {
    // A file that could not be read to its end has given what it has.
    source_.Finish().IgnoreError();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(kRead, Parameters().Text(row_.id).Integer(next_chunk_++)));
  if (rows.rows() == 0) return ImportNotFound();  // Purged meanwhile.
  chunk_ = rows.Bytes(0, 0);
  return absl::OkStatus();
}

// Little enough that even the densest gzip does not unpack to more than a stream may hold.
absl::Status RefusedLines::FeedSome() {
  const absl::string_view slice = absl::string_view(chunk_).substr(fed_, kSliceBytes);
  fed_ += slice.size();
  const absl::Status fed = source_.Feed(slice);
  if (!fed.ok() && !absl::IsInvalidArgument(fed)) return fed;
  if (!fed.ok()) {
    next_chunk_ = row_.chunks;
    fed_ = chunk_.size();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RefusedLines::IsRefused(int64_t line) {
  while (true) {
    while (at_ < page_.size() && page_[at_] < line) ++at_;
    if (at_ < page_.size()) return page_[at_] == line;
    if (exhausted_) return false;
    ASSIGN_OR_RETURN(page_, Ledger::Refused(*session_, row_.id, last_));
    at_ = 0;
    exhausted_ = page_.empty();
    if (!exhausted_) last_ = page_.back();
  }
}

absl::Status RefusedLines::Take(const SourceItem& item) {
  const bool header = row_.form() == Form::kCsv && !std::exchange(header_, true);
  if (!header) {
    ASSIGN_OR_RETURN(const bool refused, IsRefused(item.line));
    if (!refused || item.text.empty())
      return absl::OkStatus();  // Of a line that is too long nothing is kept.
  }
  if (row_.form() != Form::kTyped) {
    absl::StrAppend(&out_, item.text, "\n");
    return absl::OkStatus();
  }
  Decoded decoded;
  ASSIGN_OR_RETURN(const bool is_record, decoder_.Decode(item, &decoded));
  if (!is_record || decoded.record == nullptr) return absl::OkStatus();
  std::string json;
  RETURN_IF_ERROR(json::MessageToJson(*decoded.record, {}, &json));
  absl::StrAppend(&out_, "{\"kind\":\"", decoded.resource->kind, "\",\"record\":", json, "}\n");
  return absl::OkStatus();
}

}  // namespace lianqiao::bulk
