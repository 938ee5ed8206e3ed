// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/import_row.h"

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/bulk/decoder.h"
#include "libs/store/codec.h"
#include "libs/store/write.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

const char kImportColumns[] =
    "i.import_id, i.client_id, i.request_id, i.options, i.options_hash, i.acting_person, i.acting_role,"
    " i.trace_id, i.typed, i.state, i.received_bytes, i.chunks, i.content_sha256, i.create_time, "
    "i.start_time,"
    " i.end_time, i.staged, i.header, i.record_count, i.created_count, i.updated_count, i.unchanged_count,"
    " i.deleted_count, i.refused_count, i.problem, i.cancel_requested, i.attempts";

Form ImportRow::form() const {
  return FormOf(options, typed);
}

absl::StatusOr<ImportRow> DecodeImport(const postgres::Result& result, int row) {
  ImportRow import;
  int column = 0;
  const auto text = [&] { return result.Text(row, column++); };
  const auto number = [&] { return result.Integer(row, column++); };
  const auto time = [&]() -> std::optional<absl::Time> {
    const int at = column++;
    return result.IsNull(row, at) ? std::nullopt : std::make_optional(result.Time(row, at));
  };
  import.id = text();
  import.client_id = text();
  import.request_id = text();
  if (!import.options.ParseFromString(result.Bytes(row, column++)))
    return absl::DataLossError("an import's options cannot be read");
  import.options_hash = result.Bytes(row, column++);
  import.acting_person = text();
  import.acting_role = text();
  import.trace_id = text();
  import.typed = result.Boolean(row, column++);
  if (!v1::Import::State_Parse(text(), &import.state))
    return absl::DataLossError("an import's state is unknown");
  import.received_bytes = number();
  import.chunks = static_cast<int>(number());
  if (!result.IsNull(row, column)) import.content_sha256 = result.Bytes(row, column);
  ++column;
  import.create_time = *time();
  import.start_time = time();
  import.end_time = time();
  import.staged = result.Boolean(row, column++);
  import.header = result.TextArray(row, column++);
  import.record_count = number();
  import.counts.created = number();
  import.counts.updated = number();
  import.counts.unchanged = number();
  import.counts.deleted = number();
  import.counts.refused = number();
  if (!result.IsNull(row, column) && !import.problem.ParseFromString(result.Bytes(row, column)))
    return absl::DataLossError("an import's problem cannot be read");
  ++column;
  import.cancel_requested = result.Boolean(row, column++);
  import.attempts = static_cast<int>(number());
  return import;
}

absl::Status ImportNotFound() {
  return base::Fail(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", "import"}, {"kind_zh", "导入"}});
}

absl::StatusOr<ImportRow> ReadImport(postgres::Statements& statements, const std::string& client_id,
                                     const std::string& id) {
  static const Query kRead{"read_import",
                           absl::StrCat("SELECT ", kImportColumns,
                                        " FROM import i WHERE i.import_id = $1::uuid AND i.client_id = $2")};
  if (!base::IsId(id)) return ImportNotFound();
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   statements.Execute(kRead, Parameters().Text(id).Text(client_id)));
  if (rows.rows() == 0) return ImportNotFound();
  return DecodeImport(rows, 0);
}

v1::Import ToProto(const ImportRow& row, const std::string& service) {
  v1::Import import;
  import.set_id(row.id);
  import.set_state(row.state);
  *import.mutable_options() = row.options;
  if (!row.content_sha256.empty()) import.set_content_sha256(base::Hex(row.content_sha256));
  import.set_received_bytes(row.received_bytes);
  store::SetTimestamp(row.create_time, import.mutable_create_time());
  if (row.start_time.has_value()) store::SetTimestamp(*row.start_time, import.mutable_start_time());
  if (row.end_time.has_value()) store::SetTimestamp(*row.end_time, import.mutable_end_time());
  import.set_record_count(row.record_count);
  import.set_created_count(row.counts.created);
  import.set_updated_count(row.counts.updated);
  import.set_unchanged_count(row.counts.unchanged);
  import.set_deleted_count(row.counts.deleted);
  import.set_refused_count(row.counts.refused);
  if (auto problem = ProblemOf(row.problem)) *import.mutable_problem() = *std::move(problem);
  import.set_service(service);
  return import;
}

std::vector<base::Violation> ProblemsOf(const base::Failure& failure) {
  if (failure.violations_size() > 0) return {failure.violations().begin(), failure.violations().end()};
  base::Violation whole;
  whole.set_reason(failure.reason());
  *whole.mutable_arguments() = failure.arguments();
  return {whole};
}

v1::ImportProblem ToProblem(const base::Violation& violation, const Columns* columns) {
  v1::ImportProblem problem;
  problem.set_field(violation.field());
  if (columns != nullptr) problem.set_column(columns->HeaderOf(violation.field()));
  problem.set_reason(base::ReasonName(violation.reason()));
  problem.set_message_zh(base::Describe(violation.reason(), violation.arguments(), base::Language::kChinese));
  problem.set_message_en(base::Describe(violation.reason(), violation.arguments(), base::Language::kEnglish));
  problem.set_remedy_zh(base::Remedy(violation.reason(), base::Language::kChinese));
  problem.set_remedy_en(base::Remedy(violation.reason(), base::Language::kEnglish));
  return problem;
}

std::optional<v1::ImportProblem> ProblemOf(const base::Failure& failure) {
  if (failure.reason() == ErrorReason::ERROR_REASON_UNSPECIFIED && failure.violations_size() == 0)
    return std::nullopt;
  return ToProblem(ProblemsOf(failure).front(), nullptr);
}

std::string OptionsHash(const v1::ImportOptions& options) {
  v1::ImportOptions bare = options;
  bare.clear_request_id();
  return base::Sha256(store::StateBytes(bare));
}

}  // namespace lianqiao::bulk
