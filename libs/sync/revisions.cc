// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/revisions.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lianqiao/sync/v1/revision.pb.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"
#include "libs/feed/packing.h"
#include "libs/resource/mask.h"

namespace lianqiao::sync {

using base::ErrorReason;
using contract::Message;
using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kPurpose[] = "lianqiao revisions token";

// One call under way.
struct Question {
  const Parts& parts;
  access::Caller caller;
  std::shared_ptr<const rpc::CallContext> context;
  View view;
  const Resource* resource;
  std::string id;
  bool personal = false;  // Of this record.
};

// The columns that Fill reads.
constexpr char kColumns[] =
    "r.revision, r.time, c.operation, c.changed_fields, c.actor, c.acting_person, c.acting_role, "
    "c.request_id,"
    " c.trace_id";
// The change that made a revision; purged after the audit's retention.
constexpr char kFrom[] =
    " FROM revision r LEFT JOIN change c ON c.bucket = r.bucket AND c.pos = r.pos"
    " WHERE r.kind = $1 AND r.id = $2::uuid";

absl::Status NotFound(const Resource& resource) {
  return base::Fail(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}});
}

// NOT_FOUND unless the caller may see the record as it stands, deleted or not.
absl::Status CheckVisible(postgres::Statements& statements, Question* question) {
  const Resource& resource = *question->resource;
  ASSIGN_OR_RETURN(const resource::Rows rows, resource::ReadRows(statements, resource, {question->id}));
  const auto row = rows.by_id.find(question->id);
  const feed::KindScopes& scopes = *question->view.Find(resource.kind);
  if (row == rows.by_id.end() || !Shows(question->view, scopes, row->second) ||
      IsMoving(scopes, resource, rows.moves, row->second))
    return NotFound(resource);
  question->personal = scopes.CoversPersonal(row->second.scope);
  return absl::OkStatus();
}

void Fill(const Question& question, const postgres::Result& rows, int row, v1::Revision* revision) {
  revision->set_kind(question.resource->kind);
  revision->set_id(question.id);
  revision->set_revision(rows.Integer(row, 0));
  store::SetTimestamp(rows.Time(row, 1), revision->mutable_time());
  if (rows.IsNull(row, 2)) return;
  revision->set_operation(rows.Text(row, 2));
  for (const std::string& field : rows.TextArray(row, 3)) revision->add_changed_fields(field);
  revision->set_actor(rows.Text(row, 4));
  if (question.personal) {
    revision->set_acting_person(rows.Text(row, 5));
    revision->set_acting_role(rows.Text(row, 6));
  }
  revision->set_request_id(rows.Text(row, 7));
  revision->set_trace_id(rows.Text(row, 8));
}

// Shown to somebody, so it goes into the access log.
void LogShown(const Question& question) {
  LogPersonalReads(question.parts, question.caller, *question.context,
                   {{question.resource->kind, {question.id}}});
}

absl::StatusOr<v1::ListRevisionsResponse> List(postgres::Session& session, Question* question,
                                               const v1::ListRevisionsRequest& request) {
  static const Query kList{"list_revisions", absl::StrCat("SELECT ", kColumns, kFrom,
                                                          " AND r.revision < $3::bigint"
                                                          " ORDER BY r.revision DESC LIMIT $4::integer")};
  RETURN_IF_ERROR(CheckVisible(session, question));
  ASSIGN_OR_RETURN(const store::TokenKey* key, question->parts.cursors->Key(session));
  int64_t before = INT64_MAX;
  const std::string purpose = absl::StrCat(kPurpose, question->resource->kind, question->id);
  if (!request.page_token().empty()) {
    std::string packed;
    if (!feed::Open(*key, purpose, request.page_token(), &packed) || !absl::SimpleAtoi(packed, &before))
      return base::FailIfAny({base::Refuse("pageToken", ErrorReason::PAGE_TOKEN_INVALID)});
  }
  const int size = request.page_size() == 0 ? base::kPageSizeDefault : request.page_size();
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      session.Execute(
          kList,
          Parameters().Text(question->resource->kind).Text(question->id).Integer(before).Integer(size + 1)));
  v1::ListRevisionsResponse response;
  bool person = false;
  for (int i = 0; i < rows.rows() && i < size; ++i) {
    Fill(*question, rows, i, response.add_revisions());
    person = person || !response.revisions(i).acting_person().empty();
  }
  if (rows.rows() > size)
    response.set_next_page_token(feed::Seal(*key, purpose, absl::StrCat(rows.Integer(size - 1, 0))));
  if (person) LogShown(*question);
  return response;
}

absl::StatusOr<v1::Revision> Get(postgres::Session& session, Question* question, int64_t number) {
  static const Query kGet{
      "get_revision", absl::StrCat("SELECT ", kColumns, ", r.state", kFrom, " AND r.revision = $3::bigint")};
  RETURN_IF_ERROR(CheckVisible(session, question));
  const Resource& resource = *question->resource;
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      session.Execute(kGet, Parameters().Text(resource.kind).Text(question->id).Integer(number)));
  if (rows.rows() == 0)
    return base::Fail(
        absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
        {{"kind", absl::StrCat("revision ", number)}, {"kind_zh", absl::StrCat("版本 ", number)}});
  v1::Revision revision;
  Fill(*question, rows, 0, &revision);
  std::unique_ptr<Message> record(resource.prototype->New());
  if (!record->ParseFromString(rows.Bytes(0, 9)))
    return absl::DataLossError("a revision of " + resource.kind + " cannot be read");
  record->GetReflection()->SetString(record.get(), resource.etag->descriptor, store::EtagOf(number));
  if (!question->personal) resource::HideFields(resource, record.get());
  const bool shown =
      question->personal && (resource::HoldsPersonal(resource, *record) || !revision.acting_person().empty());
  revision.mutable_record()->set_type_url("type.googleapis.com/" + resource.descriptor->full_name());
  record->SerializeToString(revision.mutable_record()->mutable_value());
  if (shown) LogShown(*question);
  return revision;
}

// Decodes, finds the kind, makes the view and runs `answer` on a session.
template <typename Request, typename Answer>
resource::RawMethod Ask(const Parts& parts, Answer answer) {
  return [&parts, answer](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                          std::string bytes, rpc::Done done) {
    Request request;
    if (const absl::Status status = Decode(bytes, &request); !status.ok()) return done(status);
    const Resource* resource = parts.contract().FindKind(request.kind());
    if (resource == nullptr)
      return done(
          base::FailIfAny({base::Refuse("kind", ErrorReason::KIND_UNKNOWN, {{"value", request.kind()}})}));
    auto view = View::Make(parts.contract(), caller, {{request.kind()}, {}}, parts.now());
    LogDenied(parts, caller, *context, view.status());
    if (!view.ok()) return done(view.status());
    auto question = std::make_shared<Question>(
        Question{parts, caller, context, *std::move(view), resource, request.id()});
    parts.reads().Submit(
        context->deadline,
        [question, request, answer, done](postgres::Session& session) {
          const auto response = answer(session, question.get(), request);
          if (!response.ok()) return done(response.status());
          done(rpc::Reply{response->SerializeAsString(), {}});
        },
        done);
  };
}

}  // namespace

resource::RawMethod ListRevisions(const Parts& parts) {
  return Ask<v1::ListRevisionsRequest>(parts, List);
}

resource::RawMethod GetRevision(const Parts& parts) {
  return Ask<v1::GetRevisionRequest>(
      parts, [](postgres::Session& session, Question* question, const v1::GetRevisionRequest& request) {
        return Get(session, question, request.revision());
      });
}

}  // namespace lianqiao::sync
