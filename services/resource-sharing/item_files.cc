// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_files.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "services/resource-sharing/item_file_rules.h"
#include "services/resource-sharing/party_on_day.h"

namespace lianqiao::resources {

using resource::Reading;
using resource::Resource;

// Counted, not asked for one: nobody knows how rare a file's id is in a list of ids, and in the hope of
// finding one soon PostgreSQL would read every edition, all of them for a file that none names.
absl::StatusOr<v1::File> FindFile(Reading& reading, const std::string& id) {
  static const resource::NamedQuery kInEdition{
      "file_in_edition",
      "SELECT f.organisation_id, f.name, f.content_type, f.size_bytes, f.sha256, f.state,"
      " coalesce(f.shows_minors, true), f.consent_basis FROM file f"
      " WHERE f.id = $1::uuid AND f.delete_time IS NULL AND"
      " (SELECT count(*) FROM {visible:resource_version v} JOIN resource_item i ON i.id = v.resource_item_id"
      " WHERE v.file_ids @> ARRAY[$1::uuid] AND NOT (i.shows_minors AND i.consent_basis = '')) > 0"};
  auto own = reading.Get<v1::File>(id);
  if (own.ok() || !absl::IsNotFound(own.status())) return own;
  ASSIGN_OR_RETURN(const postgres::Result row, reading.Query(kInEdition, postgres::Parameters().Text(id)));
  if (row.rows() == 0) return own;
  v1::File file;
  file.set_id(id);
  file.set_organisation_id(row.Text(0, 0));
  file.set_name(row.Text(0, 1));
  file.set_content_type(row.Text(0, 2));
  file.set_size_bytes(row.Integer(0, 3));
  file.set_sha256(row.Text(0, 4));
  v1::FileState state = v1::FILE_STATE_UNSPECIFIED;
  v1::FileState_Parse(row.Text(0, 5), &state);
  file.set_state(state);
  file.set_shows_minors(row.Boolean(0, 6));
  file.set_consent_basis(row.Text(0, 7));
  return file;
}

void AddItemFiles(resource::Service& service) {
  Resource<v1::ResourceVersion>(service)
      .facts({"version_files",
              // Locked against a removal beside it, which looks for editions only once it has its own lock.
              absl::StrCat("SELECT f.id, f.state, ", SuccessorSql("f.organisation_id"), " = ",
                           SuccessorSql("i.author_organisation_id"),
                           " AS own,"
                           " coalesce(f.shows_minors, true) AND (NOT i.shows_minors OR"
                           " f.consent_basis = '' AND i.consent_basis <> '') AS shows_more"
                           " FROM resource_item i JOIN file f ON f.id = ANY($1::uuid[])"
                           " WHERE i.id = $2::uuid AND f.delete_time IS NULL FOR SHARE OF f"),
              {"file_ids", "resource_item_id"},
              {}})
      .rules(CheckVersionFiles);
  Resource<v1::File>(service)
      .facts({"editions",
              "SELECT count(*) AS found FROM resource_version"
              " WHERE file_ids @> ARRAY[$1::uuid] AND delete_time IS NULL",
              {"id"},
              {"DeleteFile"}})
      .deletion_rules(CheckFileDeletion);
}

}  // namespace lianqiao::resources
