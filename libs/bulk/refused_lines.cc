// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/refused_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/bulk/ledger.h"
#include "libs/json/json.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;

RefusedLines::RefusedLines(const contract::Contract* contract, ImportRow row)
    : row_(std::move(row)),
      decoder_(contract, row_.options, row_.form()),
      source_(row_.form(), row_.options.gzip(), [this](const SourceItem& item) { return Take(item); }) {}

absl::StatusOr<std::string> RefusedLines::Next(postgres::Session& session, bool* ended) {
  static const Query kRead{
      "read_refused_chunk",
      "SELECT content FROM import_chunk WHERE import_id = $1::uuid AND number = $2::integer"};
  session_ = &session;
  *ended = next_chunk_ >= row_.chunks;
  if (*ended) {
    // A file that could not be read to its end has given what it has.
    source_.Finish().IgnoreError();
    return std::exchange(out_, "");
  }
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(kRead, Parameters().Text(row_.id).Integer(next_chunk_++)));
  if (rows.rows() == 0) return ImportNotFound();  // Purged meanwhile.
  const absl::Status fed = source_.Feed(rows.Bytes(0, 0));
  if (!fed.ok() && !absl::IsInvalidArgument(fed)) return fed;
  if (!fed.ok()) next_chunk_ = row_.chunks;
  return std::exchange(out_, "");
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
