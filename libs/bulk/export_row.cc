// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_row.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/bulk/import_row.h"
#include "libs/store/codec.h"

namespace lianqiao::bulk {

using postgres::Parameters;
using postgres::Query;

const char kExportColumns[] =
    "e.export_id, e.client_id, e.request, e.request_hash, e.token_id, e.acting_person, e.acting_role, e.peer,"
    " e.call_id, e.trace_id, e.state, e.create_time, e.end_time, e.cursor, e.scopes, e.kinds_left,"
    " e.after_id, e.file_count, e.record_count, e.beginnings, e.problem";

absl::StatusOr<ExportRow> DecodeExport(const postgres::Result& result, int row) {
  ExportRow read;
  read.id = result.Text(row, 0);
  read.client_id = result.Text(row, 1);
  if (!read.request.ParseFromString(result.Bytes(row, 2)) ||
      !v1::Export::State_Parse(result.Text(row, 10), &read.state))
    return absl::DataLossError("export " + read.id + " cannot be read");
  read.request_hash = result.Bytes(row, 3);
  read.origin = {result.Text(row, 4), result.Text(row, 5), result.Text(row, 6),
                 result.Text(row, 7), result.Text(row, 8), result.Text(row, 9)};
  read.create_time = result.Time(row, 11);
  if (!result.IsNull(row, 12)) read.end_time = result.Time(row, 12);
  read.cursor = result.Text(row, 13);
  read.scopes = result.Text(row, 14);
  read.kinds_left = result.TextArray(row, 15);
  if (!result.IsNull(row, 16)) read.after_id = result.Text(row, 16);
  read.file_count = static_cast<int>(result.Integer(row, 17));
  read.record_count = result.Integer(row, 18);
  read.beginnings = static_cast<int>(result.Integer(row, 19));
  if (!result.IsNull(row, 20) && !read.problem.ParseFromString(result.Bytes(row, 20)))
    return absl::DataLossError("the problem of export " + read.id + " cannot be read");
  return read;
}

absl::StatusOr<ExportRow> ReadExport(postgres::Statements& statements, const std::string& client_id,
                                     const std::string& id, absl::Time now) {
  static const Query kRead{"read_export",
                           absl::StrCat("SELECT ", kExportColumns,
                                        " FROM export e WHERE e.export_id = $1::uuid AND"
                                        " e.client_id = $2 AND e.create_time > $3::timestamptz")};
  ASSIGN_OR_RETURN(const postgres::Result row,
                   statements.Execute(kRead, Parameters().Text(id).Text(client_id).Time(now - kExportLife)));
  if (row.rows() == 0) return ExportNotFound();
  return DecodeExport(row, 0);
}

v1::Export ToProto(const ExportRow& row, const std::string& service) {
  v1::Export shown;
  shown.set_id(row.id);
  shown.set_state(row.state);
  *shown.mutable_request() = row.request;
  store::SetTimestamp(row.create_time, shown.mutable_create_time());
  if (row.end_time.has_value()) store::SetTimestamp(*row.end_time, shown.mutable_end_time());
  shown.set_record_count(row.record_count);
  if (auto problem = ProblemOf(row.problem)) *shown.mutable_problem() = *std::move(problem);
  store::SetTimestamp(row.create_time + kExportLife, shown.mutable_expire_time());
  shown.set_service(service);
  return shown;
}

absl::Status AddManifest(postgres::Statements& statements, const ExportRow& row, v1::Export* shown) {
  static const Query kFiles{"list_export_files",
                            "SELECT name, kind, record_count, size_bytes, sha256 FROM export_file"
                            " WHERE export_id = $1::uuid ORDER BY name LIMIT 10000"};
  if (row.state != v1::Export::STATE_SUCCEEDED) return absl::OkStatus();
  ASSIGN_OR_RETURN(const postgres::Result files, statements.Execute(kFiles, Parameters().Text(row.id)));
  for (int i = 0; i < files.rows(); ++i) {
    v1::ExportFile* file = shown->add_files();
    file->set_name(files.Text(i, 0));
    file->set_kind(files.Text(i, 1));
    file->set_record_count(files.Integer(i, 2));
    file->set_size_bytes(files.Integer(i, 3));
    file->set_sha256(base::Hex(files.Bytes(i, 4)));
  }
  shown->set_cursor(row.cursor);
  return absl::OkStatus();
}

absl::Status ExportNotFound() {
  return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", "export"}, {"kind_zh", "导出"}});
}

}  // namespace lianqiao::bulk
