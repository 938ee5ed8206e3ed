// SPDX-License-Identifier: Apache-2.0
// Position tokens that a call brings along (design §6): what it has written must be visible to it.
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/resource/core.h"

namespace lianqiao::resource {

using base::ErrorReason;

namespace {

constexpr size_t kAfterBytesMax = 16384;  // 64 positions of the longest service name need half of it.
constexpr int64_t kRetryMilliseconds = 200;

}  // namespace

absl::StatusOr<store::Positions> AwaitedHere(const Call& call) {
  store::Positions positions;
  const std::string text = call.context->Metadata(rpc::kAfter);
  if (text.empty()) return positions;
  const auto refused = base::FailIfAny({base::Refuse(rpc::kAfter, ErrorReason::FIELD_BAD_FORMAT,
                                                     {{"expected", "service:bucket:position, …"}})});
  if (text.size() > kAfterBytesMax) return refused;
  const std::string& own = call.method->descriptor->file()->package();
  for (const absl::string_view token : absl::StrSplit(text, ',')) {
    const std::vector<std::string> parts = absl::StrSplit(absl::StripAsciiWhitespace(token), ':');
    store::Position position;
    if (parts.size() != 3 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &position.bucket) ||
        !absl::SimpleAtoi(parts[2], &position.pos) || position.bucket < 0 || position.pos < 0)
      return refused;
    if (parts[0] == own) positions.push_back(position);
  }
  return positions;
}

absl::Status CheckReached(postgres::Statements& statements, const store::Positions& positions) {
  static const postgres::Query kHeads{"feed_heads_reached", "SELECT bucket, pos FROM feed_head"};
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(kHeads, {}));
  std::map<int64_t, int64_t> heads;
  for (int i = 0; i < rows.rows(); ++i) heads[rows.Integer(i, 0)] = rows.Integer(i, 1);
  for (const store::Position& position : positions) {
    if (position.pos > heads[position.bucket])
      return base::WithRetryAfter(
          base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::REFERENCE_NOT_YET_VISIBLE),
          kRetryMilliseconds);
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
