// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using contract::Field;
using contract::Message;
using resource::UpsertItem;
using Outcome = UpsertItem::Outcome;

namespace {

// A block that met a constraint is cut in two until its pieces are as small as this, then into single
// records.
constexpr size_t kSplitMin = 16;

UpsertItem::Mode ModeOf(const v1::ImportOptions& options, bool removes) {
  if (removes) return UpsertItem::Mode::kDelete;
  return options.mode() == v1::ImportOptions::MODE_CREATE ? UpsertItem::Mode::kCreate
                                                          : UpsertItem::Mode::kUpsert;
}

}  // namespace

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsUnknown(status) || absl::IsResourceExhausted(status) ||
         absl::IsAborted(status) || absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
}

Counts Writer::Work::CountsOf() const {
  Counts counts;
  for (const UpsertItem& item : items) {
    counts.refused += item.outcome == Outcome::kRefused ? 1 : 0;
    counts.created += item.outcome == Outcome::kCreated ? 1 : 0;
    counts.updated += item.outcome == Outcome::kUpdated ? 1 : 0;
    counts.unchanged += item.outcome == Outcome::kUnchanged ? 1 : 0;
    counts.deleted += item.outcome == Outcome::kDeleted ? 1 : 0;
  }
  return counts;
}

std::vector<LineError> Writer::Work::Errors() const {
  std::vector<LineError> errors;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].outcome == Outcome::kRefused)
      errors.push_back(ErrorOf(records[i].line, block.kind, records[i].name, items[i].refusal));
  }
  return errors;
}

Writer::Writer(const JobEnvironment& environment, const ImportRow& row, const Ledger& ledger,
               std::unique_ptr<Lines> lines)
    : environment_(environment), row_(row), ledger_(ledger), lines_(std::move(lines)) {}

bool Writer::WritesWhole() const {
  return row_.options.atomic() || (row_.options.validate_only() && lines_->linked);
}

absl::StatusOr<bool> Writer::Step() {
  if (!std::exchange(loaded_, true)) RETURN_IF_ERROR(Load());
  if (waiting_.empty()) return true;
  if (WritesWhole()) {
    RETURN_IF_ERROR(WriteWhole());
    waiting_.clear();
    return true;
  }
  const int number = waiting_.front();
  waiting_.pop_front();
  ASSIGN_OR_RETURN(std::optional<Work> work, Open(number));
  if (work.has_value()) RETURN_IF_ERROR(WriteBlock(&*work));
  return waiting_.empty();
}

absl::Status Writer::Load() {
  std::vector<int> waiting;
  std::vector<int> all;
  RETURN_IF_ERROR(environment_.writes().Run(absl::Now() + absl::Seconds(30),
                                            [&](postgres::Session& session) -> absl::Status {
                                              ASSIGN_OR_RETURN(waiting, ledger_.Waiting(session));
                                              ASSIGN_OR_RETURN(all, ledger_.All(session));
                                              return absl::OkStatus();
                                            }));
  waiting_.assign(waiting.begin(), waiting.end());
  if (lines_ != nullptr) return absl::OkStatus();
  // Another worker had it before: what it knew stands in the blocks.
  lines_ = std::make_unique<Lines>();
  std::vector<bool> exists;
  bool removes = false;
  for (const int number : all) {
    ASSIGN_OR_RETURN(const std::optional<Work> work, Open(number));
    if (!work.has_value()) return absl::DataLossError("a block of an import is missing");
    const int kind = environment_.order->IndexOf(*work->resource);
    removes = removes || work->block.removes;
    for (const StagedRecord& record : work->records) {
      if (!record.own_id) lines_->index.Add(kind, IdBytesOf(record.id), record.line);
      lines_->kinds.insert(kind);
      lines_->linked = lines_->linked || !record.missing.empty() || LevelOfStep(work->block.step) > 0;
      if (exists.size() <= record.line) exists.resize(record.line + 1);
      exists[record.line] = record.exists;
    }
  }
  lines_->index.Sort();
  lines_->linked = lines_->linked || (removes && lines_->kinds.size() > 1);
  RETURN_IF_ERROR(LoadRefused());
  for (size_t line = 0; line < lines_->gone.size(); ++line)
    if (line < exists.size() && exists[line]) lines_->gone[line] = false;
  return absl::OkStatus();
}

absl::Status Writer::LoadRefused() {
  int64_t after = 0;
  while (true) {
    std::vector<int64_t> page;
    RETURN_IF_ERROR(environment_.writes().Run(
        absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(page, Ledger::Refused(session, row_.id, after));
          return absl::OkStatus();
        }));
    if (page.empty()) return absl::OkStatus();
    for (const int64_t line : page) lines_->Refuse(static_cast<uint32_t>(line), false);
    after = page.back();
  }
}

absl::StatusOr<std::optional<Writer::Work>> Writer::Open(int number) {
  std::optional<Block> block;
  RETURN_IF_ERROR(environment_.writes().Run(absl::Now() + absl::Seconds(30),
                                            [&](postgres::Session& session) -> absl::Status {
                                              ASSIGN_OR_RETURN(block, ledger_.Load(session, number, false));
                                              return absl::OkStatus();
                                            }));
  if (!block.has_value()) return std::optional<Work>();
  Work work;
  work.number = number;
  work.block = *std::move(block);
  work.resource = environment_.contract().FindKind(work.block.kind);
  if (work.resource == nullptr) return absl::DataLossError("an import holds an unknown kind");
  RETURN_IF_ERROR(ReadStaged(work.block.bytes, &work.records));
  return std::optional<Work>(std::move(work));
}

// Items from records, with what other lines have to do with them.
absl::Status Writer::Fill(Work* work) {
  work->items = std::vector<UpsertItem>(work->records.size());
  work->all.clear();
  for (size_t i = 0; i < work->records.size(); ++i) {
    const StagedRecord& record = work->records[i];
    UpsertItem& item = work->items[i];
    item.mode = ModeOf(row_.options, work->block.removes);
    item.id = record.id;
    item.by_id = record.by_id;
    item.own_id = record.own_id;
    item.source_id = record.source_id;
    item.given.reset(work->resource->prototype->New());
    if (!item.given->ParseFromString(record.message))
      return absl::DataLossError("a record of an import cannot be read");
    CheckLines(record, *work->resource, *item.given, &item.violations);
    work->all.push_back(&item);
  }
  return absl::OkStatus();
}

void Writer::CheckLines(const StagedRecord& record, const contract::Resource& resource,
                        const Message& message, std::vector<base::Violation>* violations) const {
  const KindOrder& order = *environment_.order;
  const auto find = [&](int kind, const std::string& id) {
    return lines_->kinds.count(kind) > 0 && base::IsId(id) ? lines_->index.Find(kind, IdBytesOf(id)) : 0;
  };
  const uint32_t first = record.own_id ? record.line : find(order.IndexOf(resource), record.id);
  if (first != 0 && first != record.line) {
    violations->push_back(base::Refuse("", ErrorReason::RECORD_DUPLICATE, {{"line", absl::StrCat(first)}}));
    return;
  }
  const auto path = [](const Field& field, int index) {
    return index < 0 ? field.descriptor->json_name()
                     : absl::StrCat(field.descriptor->json_name(), "[", index, "]");
  };
  for (const Field* field : order.References(resource)) {
    const auto* target = environment_.contract().FindKind(field->rule->reference());
    const auto& reflection = *message.GetReflection();
    const int size = field->array ? reflection.FieldSize(message, field->descriptor) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string id = field->array ? reflection.GetRepeatedString(message, field->descriptor, i)
                                          : reflection.GetString(message, field->descriptor);
      const uint32_t line = find(order.IndexOf(*target), id);
      if (line != 0 && line != record.line && lines_->IsGone(line))
        violations->push_back(base::Refuse(path(*field, field->array ? i : -1),
                                           ErrorReason::REFERENCE_REFUSED, {{"line", absl::StrCat(line)}}));
    }
  }
  for (const MissingReference& missing : record.missing) {
    const Field& field = *resource.Find(resource.descriptor->FindFieldByNumber(missing.field));
    const auto* target = environment_.contract().FindKind(field.rule->reference());
    if (find(order.IndexOf(*target), missing.id) != 0) continue;
    violations->push_back(base::Refuse(path(field, missing.index), ErrorReason::REFERENCE_NOT_FOUND,
                                       {{"kind", target->kind}, {"kind_zh", target->rule->label().zh()}}));
  }
}

absl::StatusOr<resource::BulkAuthor> Writer::Author() const {
  ASSIGN_OR_RETURN(access::Caller caller, environment_.caller_of(row_.client_id));
  caller.acting_person = row_.acting_person;
  caller.acting_role = row_.acting_role;
  return resource::BulkAuthor{std::move(caller), row_.id, row_.trace_id, environment_.now()};
}

absl::Status Writer::WriteBlock(Work* work) {
  auto author = Author();
  if (absl::IsUnauthenticated(author.status())) {  // The client is no longer one.
    RETURN_IF_ERROR(Fill(work));
    return RefuseAll(work, author.status());
  }
  RETURN_IF_ERROR(author.status());
  absl::Status explained;
  bool done_before = false;
  absl::Status status = TryBlock(work, *author, false, &explained, &done_before);
  if (resource::MustStandAlone(status)) {
    author->now = environment_.now();
    status = TryBlock(work, *author, true, &explained, &done_before);
  }
  if (status.ok() && done_before) return absl::OkStatus();
  if (status.ok()) {
    Remember(*work);
    environment_.tally->Add(work->CountsOf());
    return absl::OkStatus();
  }
  // What takes too long takes less in halves.
  const bool too_long = absl::IsDeadlineExceeded(status) && work->records.size() > 1;
  if (IsPassing(status) && !too_long) return status;
  if (work->records.size() > 1) return Split(*work);
  if (absl::IsInternal(status) || absl::IsDataLoss(status))
    base::Log(base::Severity::kError, "import_record_failed",
              {{"import", row_.id}, {"kind", work->block.kind}, {"status", status.ToString()}});
  return RefuseAll(work, explained.ok() ? status : explained);
}

absl::Status Writer::TryBlock(Work* work, const resource::BulkAuthor& author, bool one_by_one,
                              absl::Status* explained, bool* done_before) {
  RETURN_IF_ERROR(Fill(work));
  const bool dry = row_.options.validate_only();
  const absl::Status written = environment_.writes().Run(
      absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        std::unique_ptr<resource::BulkUnit> unit;
        const absl::Status status = session.Transact([&](postgres::Statements& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(const auto open, ledger_.Load(transaction, work->number, true));
          *done_before = !open.has_value();
          if (*done_before) return absl::OkStatus();
          unit = std::make_unique<resource::BulkUnit>(environment_.engine, transaction, author);
          RETURN_IF_ERROR(unit->Stage(*work->resource, work->all, false, one_by_one));
          if (dry) return absl::CancelledError("validate_only");
          RETURN_IF_ERROR(RecordOutcomes(transaction, *work));
          return unit->Finish();
        });
        *explained = status;
        if (!status.ok() && unit != nullptr && work->records.size() == 1)
          *explained = unit->Explain(session, status);
        return status;
      });
  if (!dry || !absl::IsCancelled(written) || resource::MustStandAlone(written)) return written;
  return Transact(environment_,
                  [&](postgres::Statements& transaction) { return RecordOutcomes(transaction, *work); });
}

absl::Status Writer::RecordOutcomes(postgres::Statements& transaction, const Work& work) const {
  RETURN_IF_ERROR(ledger_.Progress(transaction, work.CountsOf(), environment_.now()));
  RETURN_IF_ERROR(ledger_.AddErrors(transaction, work.Errors()));
  return ledger_.Done(transaction, work.number);
}

absl::Status Writer::RefuseAll(Work* work, const absl::Status& status) {
  for (UpsertItem& item : work->items) {
    item.outcome = Outcome::kRefused;
    item.refusal = item.violations.empty() ? status : base::FailIfAny(item.violations);
  }
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto open, ledger_.Load(transaction, work->number, true));
    return open.has_value() ? RecordOutcomes(transaction, *work) : absl::OkStatus();
  }));
  Remember(*work);
  environment_.tally->Add(work->CountsOf());
  return absl::OkStatus();
}

void Writer::Remember(const Work& work) {
  for (size_t i = 0; i < work.items.size(); ++i) {
    if (work.items[i].outcome == Outcome::kRefused)
      lines_->Refuse(work.records[i].line, work.records[i].exists);
  }
}

// One of its records met something that ends a transaction: smaller blocks find out which.
absl::Status Writer::Split(const Work& work) {
  const size_t size = work.records.size();
  const size_t piece = size > kSplitMin ? (size + 1) / 2 : 1;
  std::vector<Block> blocks;
  for (size_t i = 0; i < size; ++i) {
    if (i % piece == 0)
      blocks.push_back({work.block.step, work.block.bucket, work.block.kind, work.block.removes, 0, ""});
    AppendStaged(work.records[i], &blocks.back().bytes);
  }
  int first = 0;
  RETURN_IF_ERROR(Transact(environment_, [&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(ledger_.Progress(transaction, {}, environment_.now()));
    ASSIGN_OR_RETURN(first, ledger_.NextNumber(transaction));
    RETURN_IF_ERROR(ledger_.AddBlocks(transaction, blocks, first));
    return ledger_.RemoveBlock(transaction, work.number);
  }));
  for (size_t i = blocks.size(); i > 0; --i) waiting_.push_front(first + static_cast<int>(i) - 1);
  return absl::OkStatus();
}

}  // namespace lianqiao::bulk
