// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/stager.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/bulk/limits.h"
#include "libs/resource/bulk_unit.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr size_t kBatchLines = 1000;
constexpr size_t kBatchBytes = size_t{2} << 20;
constexpr size_t kErrorsMax = 500;

}  // namespace

void Lines::Refuse(uint32_t line, bool exists) {
  if (refused.size() <= line) refused.resize(line + 1), gone.resize(line + 1);
  refused[line] = true;
  if (!exists) gone[line] = true;
}

absl::Status Transact(const JobEnvironment& environment,
                      const std::function<absl::Status(postgres::Statements&)>& body) {
  return environment.writes().Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) {
    absl::Status status = session.Transact(body);
    // Whether it was written is found out by who takes the import next.
    return status;
  });
}

bool IsClients(const absl::Status& status) {
  return absl::IsInvalidArgument(status) && !postgres::DatabaseErrorOf(status).has_value();
}

Stager::Stager(const JobEnvironment& environment, const ImportRow& row, const Ledger& ledger)
    : environment_(environment),
      row_(row),
      ledger_(ledger),
      decoder_(&environment.contract(), row.options, row.form()),
      resolver_(&environment.contract(), environment.order,
                row.options.mode() == v1::ImportOptions::MODE_CREATE),
      source_(row.form(), row.options.gzip(), [this](const SourceItem& item) { return Take(item); }) {}

absl::StatusOr<bool> Stager::Step() {
  if (!std::exchange(begun_, true)) RETURN_IF_ERROR(Begin());
  if (next_chunk_ < row_.chunks) {
    ASSIGN_OR_RETURN(const std::string content, ReadChunk(next_chunk_++));
    RETURN_IF_ERROR(source_.Feed(content));
    return false;
  }
  RETURN_IF_ERROR(source_.Finish());
  RETURN_IF_ERROR(ResolveBatch());
  RETURN_IF_ERROR(CheckSize());
  RETURN_IF_ERROR(Flush(true));
  RETURN_IF_ERROR(Order());
  std::vector<std::string> header;
  if (decoder_.columns().has_value())
    for (const Column& column : decoder_.columns()->all()) header.push_back(column.header);
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(ledger_.Progress(transaction, {}, environment_.now()));
    return ledger_.Staged(transaction, records_, header);
  }));
  return true;
}

absl::Status Stager::Begin() {
  static const Query kBuckets{"bulk_feed_buckets",
                              "SELECT buckets FROM feed_meta ORDER BY started_at DESC LIMIT 1"};
  return Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const postgres::Result row, transaction.Execute(kBuckets, {}));
    if (row.rows() == 1) buckets_ = static_cast<int>(row.Integer(0, 0));
    return ledger_.Clear(transaction, environment_.now());
  });
}

absl::StatusOr<std::string> Stager::ReadChunk(int number) const {
  static const Query kRead{
      "read_import_chunk",
      "SELECT content FROM import_chunk WHERE import_id = $1::uuid AND number = $2::integer"};
  std::string content;
  const absl::Status read = environment_.reads().Run(
      absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const postgres::Result rows,
                         session.Execute(kRead, Parameters().Text(row_.id).Integer(number)));
        if (rows.rows() == 0) return absl::DataLossError("a chunk of an import is missing");
        content = rows.Bytes(0, 0);
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(read);
  return content;
}

absl::Status Stager::Take(const SourceItem& item) {
  Line line;
  ASSIGN_OR_RETURN(const bool is_record, decoder_.Decode(item, &line.decoded));
  if (!is_record) return absl::OkStatus();
  batch_.push_back(std::move(line));
  batch_bytes_ += item.text.size();
  return batch_.size() < kBatchLines && batch_bytes_ < kBatchBytes ? absl::OkStatus() : ResolveBatch();
}

absl::Status Stager::ResolveBatch() {
  if (batch_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(environment_.writes().Run(
      absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        RETURN_IF_ERROR(resolver_.Resolve(session, environment_.now(), &batch_));
        ASSIGN_OR_RETURN(stored_references_, resolver_.StoredReferences(session, batch_));
        return absl::OkStatus();
      }));
  for (Line& line : batch_) RETURN_IF_ERROR(Place(&line));
  batch_.clear();
  batch_bytes_ = 0;
  return Flush(false);
}

absl::Status Stager::Place(Line* line) {
  Decoded& decoded = line->decoded;
  StagedRecord& staged = line->staged;
  ++records_;
  staged.line = static_cast<uint32_t>(decoded.line);
  const contract::Resource* resource = decoded.resource;
  const std::string kind = resource == nullptr ? "" : resource->kind;
  if (resource != nullptr && decoded.violations.empty()) {
    const bool may = decoded.remove ? resource::BulkUnit::MayDelete(environment_.contract(), *resource)
                                    : resource::BulkUnit::MayUpsert(environment_.contract(), *resource);
    if (!may)
      decoded.violations.push_back(base::Refuse("kind", ErrorReason::KIND_UNKNOWN, {{"value", kind}}));
  }
  if (decoded.record != nullptr && !staged.own_id && base::IsId(staged.id)) {
    const int number = environment_.order->IndexOf(*resource);
    lines_->index.Add(number, IdBytesOf(staged.id), staged.line);
    lines_->kinds.insert(number);
  }
  if (!decoded.violations.empty()) {
    lines_->Refuse(staged.line, staged.exists);
    errors_.push_back(ErrorOf(decoded.line, kind, staged.name, base::FailIfAny(decoded.violations)));
    return absl::OkStatus();
  }
  PlaceLevels(*line);
  lines_->linked = lines_->linked || !staged.missing.empty();
  removes_ = removes_ || decoded.remove;
  staged.message = decoded.record->SerializeAsString();
  bytes_ += static_cast<int64_t>(staged.message.size());
  blocks_.Add(StepOf(*resource, decoded.remove, 0), BucketOf(*line), kind, decoded.remove, staged);
  return CheckSize();
}

absl::Status Stager::CheckSize() const {
  if (!row_.options.atomic() || (records_ <= kAtomicRecordsMax && bytes_ <= kAtomicBytesMax))
    return absl::OkStatus();
  return base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::IMPORT_TOO_LARGE,
                    {{"max", absl::StrCat(kAtomicRecordsMax, " records and 16 MiB if atomic")},
                     {"max_zh", absl::StrCat("整批成败一致时", kAtomicRecordsMax, "条且16 MiB")}});
}

void Stager::PlaceLevels(const Line& line) {
  const StagedRecord& staged = line.staged;
  if (line.decoded.remove) {
    const auto stored = stored_references_.find(staged.id);
    if (stored == stored_references_.end()) return;
    for (const auto& [kind, id] : stored->second) levels_.Add(staged.line, kind, IdBytesOf(id));
    return;
  }
  const auto& reflection = *line.decoded.record->GetReflection();
  for (const Field* field : environment_.order->Tangled(*line.decoded.resource)) {
    const int target =
        environment_.order->IndexOf(*environment_.contract().FindKind(field->rule->reference()));
    const int size = field->array ? reflection.FieldSize(*line.decoded.record, field->descriptor) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string id = field->array
                                 ? reflection.GetRepeatedString(*line.decoded.record, field->descriptor, i)
                                 : reflection.GetString(*line.decoded.record, field->descriptor);
      if (base::IsId(id)) levels_.Add(staged.line, target, IdBytesOf(id));
    }
  }
}

int Stager::StepOf(const contract::Resource& resource, bool removes, int level) const {
  const int rank = environment_.order->RankOf(resource);
  if (!removes) return rank * kStepsPerRank + level;
  return kDeleteStep + (environment_.order->ranks() - rank) * kStepsPerRank + (kDepthMax - level);
}

int Stager::BucketOf(const Line& line) const {
  const contract::Resource& resource = *line.decoded.resource;
  std::string root;
  if (!resource.rule->root().empty())
    root = line.decoded.record->GetReflection()->GetString(*line.decoded.record,
                                                           resource.Find(resource.rule->root())->descriptor);
  return base::FeedBucket(base::IsId(root) ? root : line.staged.id, buckets_);
}

absl::Status Stager::Flush(bool all) {
  const std::vector<Block> full = blocks_.Take(all);
  if (full.empty() && errors_.empty()) return absl::OkStatus();
  if (full.empty() && errors_.size() < kErrorsMax && !all) return absl::OkStatus();
  Counts counts;
  counts.refused = static_cast<int64_t>(errors_.size());
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(ledger_.Progress(transaction, counts, environment_.now()));
    RETURN_IF_ERROR(ledger_.AddBlocks(transaction, full, next_block_));
    return ledger_.AddErrors(transaction, errors_);
  }));
  environment_.tally->Add(counts);
  next_block_ += static_cast<int>(full.size());
  errors_.clear();
  return absl::OkStatus();
}

absl::Status Stager::Order() {
  lines_->index.Sort();
  lines_->linked = lines_->linked || (removes_ && lines_->kinds.size() > 1);
  if (levels_.empty()) return absl::OkStatus();
  // A later line with the same record is refused when it comes to be written.
  std::vector<bool> left_out = lines_->refused;
  lines_->index.ForDuplicates([&](uint32_t line, uint32_t) {
    if (left_out.size() <= line) left_out.resize(line + 1);
    left_out[line] = true;
  });
  levels_.Compute(lines_->index, left_out, [&](uint32_t line, Levels::Outcome outcome, uint32_t parent) {
    troubles_.emplace(line, Trouble{outcome, parent});
  });
  lines_->linked = lines_->linked || levels_.deepest() > 0;
  return levels_.deepest() > 0 || !troubles_.empty() ? Restage() : absl::OkStatus();
}

// Blocks of kinds that refer to each other were filled before anybody knew in which order.
absl::Status Stager::Restage() {
  std::vector<int> numbers;
  RETURN_IF_ERROR(environment_.reads().Run(absl::Now() + absl::Seconds(30),
                                           [&](postgres::Session& session) -> absl::Status {
                                             ASSIGN_OR_RETURN(numbers, ledger_.All(session));
                                             return absl::OkStatus();
                                           }));
  for (const int number : numbers) RETURN_IF_ERROR(RestageBlock(number));
  return Flush(true);
}

absl::Status Stager::RestageBlock(int number) {
  std::optional<Block> block;
  RETURN_IF_ERROR(environment_.writes().Run(absl::Now() + absl::Seconds(30),
                                            [&](postgres::Session& session) -> absl::Status {
                                              ASSIGN_OR_RETURN(block, ledger_.Load(session, number, false));
                                              return absl::OkStatus();
                                            }));
  if (!block.has_value()) return absl::DataLossError("a block of an import is missing");
  const contract::Resource& resource = *environment_.contract().FindKind(block->kind);
  if (environment_.order->Tangled(resource).empty()) return absl::OkStatus();
  std::vector<StagedRecord> records;
  RETURN_IF_ERROR(ReadStaged(block->bytes, &records));
  for (const StagedRecord& record : records) {
    const auto trouble = troubles_.find(record.line);
    if (trouble == troubles_.end()) {
      blocks_.Add(StepOf(resource, block->removes, levels_.LevelOf(record.line)), block->bucket, block->kind,
                  block->removes, record);
      continue;
    }
    const bool circle = trouble->second.outcome == Levels::Outcome::kCircle;
    lines_->Refuse(record.line, record.exists);
    errors_.push_back(
        ErrorOf(record.line, block->kind, record.name,
                base::FailIfAny({circle ? base::Refuse("", ErrorReason::REFERENCE_CYCLE)
                                        : base::Refuse("", ErrorReason::REFERENCE_REFUSED,
                                                       {{"line", absl::StrCat(trouble->second.parent)}})})));
  }
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(ledger_.Progress(transaction, {}, environment_.now()));
    return ledger_.RemoveBlock(transaction, number);
  }));
  return Flush(false);
}

}  // namespace lianqiao::bulk
