// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/table.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status.h"
#include "libs/feed/needs_person.h"
#include "libs/feed/table_queries.h"
#include "libs/store/codec.h"

namespace lianqiao::feed {

using contract::Field;
using contract::Message;
using contract::Resource;
using postgres::Parameters;
using postgres::Statements;

namespace {

constexpr int kStrayBucket = -1;
constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";
constexpr size_t kDifferencesNamed = 5;

// The platform's records have fields that ours do not: what is not understood must not be dropped in
// silence.
absl::Status RefuseNewerContract(const Resource& resource, const Message& record) {
  std::vector<base::Violation> violations;
  contract::RefuseUnknownFields(record, resource.kind, &violations);
  if (violations.empty()) return absl::OkStatus();
  return NeedsPerson(
      absl::StrCat("平台的 ", resource.kind, " 契约比本程序新,含本程序不认识的字段;请升级本程序并重建副本"),
      absl::StrCat("the platform's contract of ", resource.kind,
                   " is newer than this program's: it sends fields that this program does not know; use a "
                   "newer program and make the copy anew"));
}

}  // namespace

// Built once per page and kind: an array literal per column.
class Table::Columns {
 public:
  explicit Columns(size_t columns) : values_(columns + kPlaces, "{") {}

  // Column by column: id, revision, service, bucket, then the fields.
  void Place(const std::string& id, int64_t revision, const std::string& service, int bucket) {
    ++rows_;
    Add(0, id);
    Add(1, absl::StrCat(revision));
    Add(2, service);
    Add(3, absl::StrCat(bucket));
  }
  void Add(size_t column, const std::optional<std::string>& value) {
    std::string& out = values_[column];
    if (rows_ > 1) out.push_back(',');
    if (!value.has_value()) {
      out += "NULL";
      return;
    }
    out.push_back('"');
    for (const char c : *value) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  void AddField(size_t field, const std::optional<std::string>& value) { Add(field + kPlaces, value); }

  int64_t rows() const { return rows_; }
  // The first `columns` of them. Once: the text is moved out unless it is one that is kept.
  Parameters Take() {
    Parameters parameters;
    for (std::string& value : values_) parameters.Text(std::move(value) + "}");
    return parameters;
  }
  std::string ids() const { return values_[0] + "}"; }
  std::string revisions() const { return values_[1] + "}"; }
  std::string field(size_t field) const { return values_[field + kPlaces] + "}"; }

 private:
  static constexpr size_t kPlaces = 4;
  std::vector<std::string> values_;
  int64_t rows_ = 0;
};

Table::Table(const Resource& resource, std::vector<const Field*> fields, bool all_fields,
             const TableOptions& options)
    : resource_(resource),
      fields_(std::move(fields)),
      all_fields_(all_fields),
      options_(options),
      name_(options.table_prefix + resource.kind),
      queries_(std::make_shared<Queries>(Queries::Make(name_, fields_, options_))) {}

bool Table::Copies(const std::string& field) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const Field* own) { return own->name == field; });
}

std::vector<std::string> Table::Ddl() const {
  return queries_->ddl;
}

absl::StatusOr<std::string> Table::Differences(Statements& statements) const {
  std::vector<std::string> names = {"id", "revision", "sync_service", "sync_bucket", "sync_step"};
  std::vector<std::string> types = {"uuid", "bigint", "text", "smallint", "bigint"};
  for (const Field* field : fields_) {
    names.push_back(field->name);
    types.push_back(store::SqlType(*field));
  }
  if (options_.scopes) {
    names.insert(names.end(), {"sync_scope", "sync_write_scope"});
    types.insert(types.end(), {"uuid[]", "uuid[]"});
  }
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(queries_->differences, Parameters().TextArray(names).TextArray(types)));
  if (rows.rows() == static_cast<int>(names.size())) return name_ + ": ∅";
  std::vector<std::string> found;
  for (int i = 0; i < rows.rows() && found.size() < kDifferencesNamed; ++i)
    found.push_back(absl::StrCat(name_, ".", rows.Text(i, 0), ": ", rows.IsNull(i, 2) ? "∅" : rows.Text(i, 2),
                                 " ≠ ", rows.Text(i, 1)));
  return absl::StrJoin(found, "; ");
}

absl::Status Table::Encode(const Page::Item& item, Message* scratch, Columns* columns) const {
  scratch->Clear();
  const size_t slash = item.type_url.rfind('/');
  if (item.type_url.substr(slash + 1) != resource_.descriptor->full_name() ||
      !scratch->ParseFromString(item.record))
    return absl::DataLossError(absl::StrCat("the record of ", resource_.kind, " ", item.id, " (",
                                            item.type_url, ") cannot be read"));
  const auto& get = *scratch->GetReflection();
  if (get.GetString(*scratch, resource_.id->descriptor) != item.id ||
      get.GetInt64(*scratch, resource_.revision->descriptor) != item.revision)
    return absl::DataLossError(absl::StrCat("the record of ", resource_.kind, " ", item.id, " revision ",
                                            item.revision, " is another one"));
  if (all_fields_) RETURN_IF_ERROR(RefuseNewerContract(resource_, *scratch));
  columns->Place(item.id, item.revision, item.service, item.bucket);
  for (size_t i = 0; i < fields_.size(); ++i) columns->AddField(i, store::EncodeField(*scratch, *fields_[i]));
  if (!options_.scopes) return absl::OkStatus();
  columns->AddField(fields_.size(), absl::StrCat("{", absl::StrJoin(item.scope, ","), "}"));
  columns->AddField(fields_.size() + 1, absl::StrCat("{", absl::StrJoin(item.write_scope, ","), "}"));
  return absl::OkStatus();
}

absl::Status Table::EraseFormer(Statements& transaction, const std::vector<std::string>& erased) const {
  if (erased.empty() || queries_->erase_former.sql.empty()) return absl::OkStatus();
  Parameters p;
  p.TextArray(erased);
  for (const Field* field : fields_) {
    if (!IsErasable(*field)) continue;
    const auto empty = store::EncodeField(*resource_.prototype, *field);
    if (empty.has_value()) {
      p.Text(*empty);
    } else {
      p.Null();
    }
  }
  return transaction.Execute(queries_->erase_former, p).status();
}

absl::Status Table::TellMoved(Statements& transaction, const Columns& columns, int64_t snapshot_step) const {
  if (!options_.moved) return absl::OkStatus();
  Parameters p;
  p.Text(columns.ids()).Text(columns.revisions()).Text(columns.field(fields_.size()));
  p.Text(columns.field(fields_.size() + 1)).Integer(snapshot_step);
  ASSIGN_OR_RETURN(const postgres::Result rows, transaction.Execute(queries_->moved, p));
  if (rows.rows() == 0) return absl::OkStatus();
  std::vector<MovedScope> moved;
  std::vector<std::string> locked;
  for (int i = 0; i < rows.rows(); ++i) {
    moved.push_back({rows.Text(i, 0), {}, {}, rows.TextArray(i, 3), rows.TextArray(i, 4)});
    if (rows.IsNull(i, 1)) continue;
    moved.back().scope_before = rows.TextArray(i, 1);
    moved.back().write_scope_before = rows.TextArray(i, 2);
    locked.push_back(rows.Text(i, 0));
  }
  if (!locked.empty())
    RETURN_IF_ERROR(transaction.Execute(queries_->lock, Parameters().TextArray(locked)).status());
  return options_.moved(transaction, resource_.kind, moved);
}

absl::Status Table::ProveOrder(Statements& transaction, const std::string& ids, const std::string& revisions,
                               const Stamp& stamp) const {
  ASSIGN_OR_RETURN(const postgres::Result wrong,
                   transaction.Execute(queries_->prove_order,
                                       Parameters().Text(ids).Text(revisions).Integer(stamp.stream_step)));
  if (wrong.rows() == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("revisions of ", resource_.kind, " ", wrong.Text(0, 0),
                                          " decrease: ", wrong.Text(0, 1), " is followed by ",
                                          wrong.Text(0, 2)));
}

absl::Status Table::Put(Statements& transaction, const Page::Kind& kind, const Stamp& stamp,
                        bool snapshot) const {
  Columns columns(fields_.size() + (options_.scopes ? 2 : 0));
  const std::unique_ptr<Message> scratch(resource_.prototype->New());
  std::vector<std::string> erased;
  for (const Page::Item& item : kind.items) {
    if (item.gone) continue;
    RETURN_IF_ERROR(Encode(item, scratch.get(), &columns));
    if (resource_.erase_time != nullptr &&
        scratch->GetReflection()->HasField(*scratch, resource_.erase_time->descriptor))
      erased.push_back(item.id);
  }
  if (columns.rows() == 0) return absl::OkStatus();
  const std::string ids = columns.ids(), revisions = columns.revisions();
  RETURN_IF_ERROR(TellMoved(transaction, columns, snapshot ? stamp.snapshot_step : 0));
  if (options_.keep_former)
    RETURN_IF_ERROR(transaction
                        .Execute(queries_->keep_put, Parameters()
                                                         .Text(ids)
                                                         .Text(revisions)
                                                         .Integer(stamp.step)
                                                         .Integer(snapshot ? stamp.snapshot_step : 0))
                        .status());
  RETURN_IF_ERROR(EraseFormer(transaction, erased));
  const int64_t rows = columns.rows();
  Parameters parameters = columns.Take();
  parameters.Integer(stamp.step);
  if (snapshot) {
    parameters.Integer(stamp.snapshot_step);
    return transaction.Execute(queries_->put_snapshot, parameters).status();
  }
  parameters.Text(options_.consumer).Text(resource_.kind);
  ASSIGN_OR_RETURN(const postgres::Result put, transaction.Execute(queries_->put_changes, parameters));
  if (put.affected_rows() == rows) return absl::OkStatus();
  return ProveOrder(transaction, ids, revisions, stamp);
}

absl::Status Table::PutSnapshot(Statements& transaction, const Page::Kind& kind, const Stamp& stamp) const {
  return Put(transaction, kind, stamp, true);
}

absl::Status Table::PutChanges(Statements& transaction, const Page::Kind& kind, const Stamp& stamp) const {
  RETURN_IF_ERROR(Put(transaction, kind, stamp, false));
  Columns gone(0);
  std::vector<std::string> erased;
  for (const Page::Item& item : kind.items) {
    if (!item.gone) continue;
    gone.Place(item.id, item.revision, item.service, item.bucket);
    if (item.erased) erased.push_back(item.id);
  }
  if (gone.rows() == 0) return absl::OkStatus();
  RETURN_IF_ERROR(ProveOrder(transaction, gone.ids(), gone.revisions(), stamp));
  Parameters parameters = gone.Take();
  parameters.Text(options_.consumer).Text(resource_.kind).Integer(stamp.step);
  RETURN_IF_ERROR(transaction.Execute(queries_->remove, parameters).status());
  return EraseFormer(transaction, erased);
}

absl::Status Table::Replace(Statements& transaction, const std::vector<std::unique_ptr<Message>>& records,
                            const Stamp& stamp) const {
  if (records.empty()) return absl::OkStatus();
  if (options_.scopes)
    return absl::UnimplementedError("a copy with scopes is not repaired: records have none");
  Columns columns(fields_.size());
  std::vector<std::string> ids;
  for (const std::unique_ptr<Message>& record : records) {
    const auto& get = *record->GetReflection();
    if (all_fields_) RETURN_IF_ERROR(RefuseNewerContract(resource_, *record));
    ids.push_back(get.GetString(*record, resource_.id->descriptor));
    columns.Place(ids.back(), get.GetInt64(*record, resource_.revision->descriptor), "", kStrayBucket);
    for (size_t i = 0; i < fields_.size(); ++i) columns.AddField(i, store::EncodeField(*record, *fields_[i]));
  }
  if (options_.keep_former)
    RETURN_IF_ERROR(transaction
                        .Execute(queries_->keep_put, Parameters()
                                                         .Text(columns.ids())
                                                         .Text(columns.revisions())
                                                         .Integer(stamp.step)
                                                         .Integer(stamp.step))
                        .status());
  Parameters parameters = columns.Take();
  parameters.Integer(stamp.step);
  return transaction.Execute(queries_->replace, parameters).status();
}

absl::Status Table::Remove(Statements& transaction, const std::vector<std::string>& ids,
                           const Stamp& stamp) const {
  return transaction.Execute(queries_->remove_plain, Parameters().TextArray(ids).Integer(stamp.step))
      .status();
}

absl::StatusOr<Table::Swept> Table::Sweep(Statements& transaction, const std::string& after_id,
                                          const std::vector<Bucket>& buckets, const Stamp& stamp) const {
  std::vector<std::string> services, numbers;
  for (const Bucket& bucket : buckets) {
    services.push_back(bucket.service);
    numbers.push_back(absl::StrCat(bucket.bucket));
  }
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   transaction.Execute(queries_->sweep, Parameters()
                                                            .Text(after_id.empty() ? kFirstId : after_id)
                                                            .Integer(stamp.snapshot_step)
                                                            .TextArray(services)
                                                            .TextArray(numbers)
                                                            .Integer(stamp.step)));
  Swept swept;
  if (rows.Boolean(0, 1)) swept.last_id = rows.Text(0, 0);
  swept.removed = rows.Integer(0, 2);
  return swept;
}

namespace {

Parameters Range(const std::string& after_id, const std::string& to_id) {
  return Parameters().Text(after_id.empty() ? kFirstId : after_id).Text(to_id.empty() ? kLastId : to_id);
}

}  // namespace

absl::StatusOr<Table::Sum> Table::Digest(Statements& statements, const std::string& after_id,
                                         const std::string& to_id) const {
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(queries_->digest, Range(after_id, to_id).Text(resource_.kind)));
  uint64_t sum = 0;
  if (!absl::SimpleAtoi(rows.Text(0, 1), &sum)) return absl::InternalError("a digest cannot be read");
  return Sum{rows.Integer(0, 0), absl::StrCat(absl::Hex(sum, absl::kZeroPad16))};
}

absl::StatusOr<std::map<std::string, int64_t>> Table::Revisions(Statements& statements,
                                                                const std::string& after_id,
                                                                const std::string& to_id) const {
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(queries_->revisions, Range(after_id, to_id)));
  std::map<std::string, int64_t> revisions;
  for (int i = 0; i < rows.rows(); ++i) revisions[rows.Text(i, 0)] = rows.Integer(i, 1);
  return revisions;
}

absl::StatusOr<bool> Table::HasStray(Statements& statements) const {
  ASSIGN_OR_RETURN(const postgres::Result rows, statements.Execute(queries_->stray, {}));
  return rows.Boolean(0, 0);
}

absl::StatusOr<std::unique_ptr<Tables>> Tables::Make(std::shared_ptr<const contract::Contract> contract,
                                                     const std::vector<CopiedKind>& kinds,
                                                     const TableOptions& options) {
  std::unique_ptr<Tables> tables(new Tables(std::move(contract), options));
  std::vector<std::string> unknown;
  for (const CopiedKind& kind : kinds) {
    const Resource* resource = tables->contract_->FindKind(kind.kind);
    if (resource == nullptr) {
      unknown.push_back(kind.kind);
      continue;
    }
    std::vector<const Field*> fields;
    std::set<std::string> wanted(kind.fields.begin(), kind.fields.end());
    for (const Field& field : resource->fields) {
      const bool named = wanted.erase(field.name) > 0;
      if (field.column == contract::Column::kNone || &field == resource->id || &field == resource->revision)
        continue;
      if (kind.fields.empty() || named) fields.push_back(&field);
    }
    for (const std::string& name : wanted) unknown.push_back(absl::StrCat(kind.kind, ".", name));
    tables->tables_.emplace(kind.kind, Table(*resource, std::move(fields), kind.fields.empty(), options));
  }
  if (!unknown.empty())
    return absl::InvalidArgumentError(
        absl::StrCat("not in the contract of this program: ", absl::StrJoin(unknown, ", ")));
  return tables;
}

std::vector<std::string> Tables::Ddl() const {
  std::vector<std::string> ddl;
  for (const auto& [kind, table] : tables_)
    for (std::string& statement : table.Ddl()) ddl.push_back(std::move(statement));
  return ddl;
}

absl::Status Tables::Check(Statements& statements) const {
  std::vector<std::string> differences;
  for (const auto& [kind, table] : tables_) {
    ASSIGN_OR_RETURN(std::string difference, table.Differences(statements));
    if (!difference.empty() && differences.size() < kDifferencesNamed)
      differences.push_back(std::move(difference));
  }
  if (differences.empty()) return absl::OkStatus();
  const std::string found = absl::StrJoin(differences, "; ");
  return NeedsPerson(absl::StrCat("副本的表与本程序的契约不符(", found, ");请换用新的模式重建副本"),
                     absl::StrCat("the copy's tables are not what this program's contract says: ", found,
                                  "; make the copy anew in another schema"));
}

const Table* Tables::Find(const std::string& kind) const {
  const auto found = tables_.find(kind);
  return found == tables_.end() ? nullptr : &found->second;
}

namespace {

absl::Status UnknownKind(const std::string& kind) {
  return NeedsPerson(absl::StrCat("变更流含类别 ", kind, ",副本中没有它的表;请换用新的模式重建副本"),
                     absl::StrCat("the feed sends records of ", kind,
                                  ", for which the copy has no table; make the copy anew in another schema"));
}

}  // namespace

absl::Status Tables::PutSnapshot(Statements& transaction, const Page& page, const Stamp& stamp) const {
  for (const auto& [kind, items] : page.kinds()) {
    const Table* table = Find(kind);
    if (table == nullptr) return UnknownKind(kind);
    RETURN_IF_ERROR(table->PutSnapshot(transaction, items, stamp));
  }
  return absl::OkStatus();
}

absl::Status Tables::PutChanges(Statements& transaction, const Page& page, const Stamp& stamp) const {
  for (const auto& [kind, items] : page.kinds()) {
    const Table* table = Find(kind);
    if (table == nullptr) return UnknownKind(kind);
    RETURN_IF_ERROR(table->PutChanges(transaction, items, stamp));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::feed
