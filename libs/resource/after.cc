// SPDX-License-Identifier: Apache-2.0
// Position tokens that a call brings along (design §6): what it has written must be visible to it.
#include <algorithm>

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

absl::StatusOr<Awaited> AwaitedBy(const Call& call) {
  Awaited awaited;
  const std::string text = call.context->Metadata(rpc::kAfter);
  if (text.empty()) return awaited;
  const auto refused = base::FailIfAny({base::Refuse(rpc::kAfter, ErrorReason::FIELD_BAD_FORMAT,
                                                     {{"expected", "service:bucket:position, …"}})});
  if (text.size() > kAfterBytesMax) return refused;
  for (const absl::string_view token : absl::StrSplit(text, ',')) {
    const std::vector<std::string> parts = absl::StrSplit(absl::StripAsciiWhitespace(token), ':');
    store::Position position;
    if (parts.size() != 3 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &position.bucket) ||
        !absl::SimpleAtoi(parts[2], &position.pos) || position.bucket < 0 || position.pos < 0)
      return refused;
    awaited[parts[0]].push_back(position);
  }
  return awaited;
}

namespace {

// A partial update may name the kind, or the id, alone.
bool Names(const ForeignReference& reference, const Message& record) {
  return !TextOf(record, *reference.field).empty() || TargetOf(reference, record) != nullptr;
}

bool AnyNames(const ForeignReference& reference, const Call& call) {
  const auto& reflection = *call.request->GetReflection();
  const FieldDescriptor* record = call.method->record;
  if (!record->is_repeated()) return Names(reference, reflection.GetMessage(*call.request, record));
  for (int i = 0; i < reflection.FieldSize(*call.request, record); ++i)
    if (Names(reference, reflection.GetRepeatedMessage(*call.request, record, i))) return true;
  return false;
}

}  // namespace

bool MayReferTo(const EngineCore& core, const Call& call, const Followed& followed) {
  if (!call.method->writes) return false;
  const auto any = [&](const Kind& kind, bool given) {
    return std::any_of(kind.foreign.begin(), kind.foreign.end(), [&](const ForeignReference& reference) {
      return reference.followed == &followed && (!given || AnyNames(reference, call));
    });
  };
  switch (call.method->standard) {
    case Standard::kCreate:
    case Standard::kUpdate:
    case Standard::kBatchUpsert:
      return any(core.KindOf(*call.method->resource), true);
    case Standard::kUndelete:
      return any(core.KindOf(*call.method->resource), false);
    case Standard::kCustom:
      return std::any_of(core.kinds_.begin(), core.kinds_.end(),
                         [&](const auto& kind) { return any(*kind.second, false); });
    default:
      return false;  // What stays as it is may name what has gone.
  }
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
