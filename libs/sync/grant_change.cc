// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/grant_change.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/store/order.h"
#include "libs/store/write.h"

namespace lianqiao::sync {

using contract::Resource;
using postgres::Parameters;
using postgres::Query;

namespace {

const feed::KindScopes& ScopesIn(const feed::Scopes& scopes, const std::string& kind) {
  static const feed::KindScopes kNone;
  const auto found = scopes.find(kind);
  return found == scopes.end() ? kNone : found->second;
}

// Kinds of the contract that the reader sees or saw, from `told_kind` on.
std::vector<const Resource*> Remaining(const contract::Contract& contract, const View& view,
                                       const feed::Scopes& former, const std::string& told_kind) {
  std::vector<const Resource*> kinds;
  bool reached = told_kind.empty();
  for (const Resource* resource : ParentsFirst(contract)) {
    reached = reached || resource->kind == told_kind;
    if (reached && (view.Find(resource->kind) != nullptr || former.count(resource->kind) > 0))
      kinds.push_back(resource);
  }
  return kinds;
}

absl::StatusOr<postgres::Result> Differing(postgres::Statements& statements, const Resource& resource,
                                           const View& view, const feed::KindScopes& before,
                                           const feed::KindScopes& now, const std::string& after_id,
                                           int limit) {
  Parameters p;
  p.Text(after_id.empty() ? std::string(store::kNilId) : after_id);
  const std::string sees = now.Sql("t.scope", &p);
  const std::string may_hold = before.Sql("t.scope", &p);
  const std::string holds = before.CertainSql("t.scope", &p);
  const std::string shows = now.PersonalSql("t.scope", &p);
  const std::string may_show = before.PersonalSql("t.scope", &p);
  const std::string showed = before.CertainPersonalSql("t.scope", &p);
  const std::string where = view.WhereSql(absl::StrCat(sees, " OR ", may_hold), &p);
  // Gone, or new, or to be shown with other fields.
  const std::string differs = absl::StrCat("NOT ", sees, " OR NOT ", holds, " OR ", shows, " <> ", may_show,
                                           " OR ", shows, " <> ", showed);
  const Query query{
      absl::StrCat("grant_change_", resource.kind),
      absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), ", ", resource::Moves::kAnySql, " FROM ",
                   resource.kind, " t WHERE t.id > $1::uuid AND ", where, " AND (", differs,
                   ") ORDER BY t.id LIMIT ", limit),
      false};
  return statements.Execute(query, p);
}

void TellRow(const View& view, const Resource& resource, const feed::KindScopes& before,
             const feed::KindScopes* now, const store::Row& row, Page* page) {
  v1::Change* told = page->content.add_changes();
  told->set_service(ServiceOf(resource));
  told->set_kind(resource.kind);
  told->set_id(store::IdOf(resource, *row.record));
  told->set_revision(store::RevisionOf(resource, *row.record));
  told->set_bucket(row.bucket);
  if (now == nullptr || !now->Covers(row.scope)) {
    told->set_event(v1::Change::EVENT_LEAVE);
    return;
  }
  told->set_event(before.CertainlyCovers(row.scope) ? v1::Change::EVENT_UPSERT : v1::Change::EVENT_ENTER);
  PackRecord(view, resource, row, told->mutable_record(), &page->personal_reads);
  PackScopes(view, row, told);
}

}  // namespace

absl::Status BeginGrantChange(postgres::Statements& statements, CursorStore& cursors, const View& view,
                              absl::Time now, feed::Cursor* cursor) {
  // Unknown scopes show when they are looked up to be told of.
  std::string former = cursor->scope;
  if (!cursor->former_scope.empty()) {
    const auto one = cursors.Recall(statements, cursor->former_scope);
    const auto other = cursors.Recall(statements, cursor->scope);
    if (one.ok() && other.ok()) {
      const std::string both = feed::Describe(feed::Unite(*one, *other));
      RETURN_IF_ERROR(cursors.Remember(statements, both, now));
      former = feed::HashOf(both);
    }
  }
  cursor->former_scope = former;
  cursor->scope = view.scope_hash();
  cursor->told_kind.clear();
  cursor->told_id.clear();
  return absl::OkStatus();
}

absl::StatusOr<Page> GrantChangePage(postgres::Statements& statements, const contract::Contract& contract,
                                     const View& view, const feed::Scopes& former, int page_size,
                                     feed::Cursor* cursor) {
  Page page;
  page.content.set_has_more(true);
  size_t bytes = 0;
  for (const Resource* resource : Remaining(contract, view, former, cursor->told_kind)) {
    if (cursor->told_kind != resource->kind) cursor->told_kind = resource->kind, cursor->told_id.clear();
    const feed::KindScopes& before = ScopesIn(former, resource->kind);
    const feed::KindScopes* now = view.Find(resource->kind);
    while (true) {
      const int room = page_size - page.content.changes_size();
      ASSIGN_OR_RETURN(const postgres::Result rows,
                       Differing(statements, *resource, view, before,
                                 now == nullptr ? feed::KindScopes() : *now, cursor->told_id, room));
      resource::Moves moves;
      if (rows.rows() > 0 && rows.Boolean(0, rows.columns() - 1)) {
        ASSIGN_OR_RETURN(moves, resource::Moves::Read(statements));
      }
      for (int i = 0; i < rows.rows(); ++i) {
        ASSIGN_OR_RETURN(const store::Row row, store::DecodeRow(*resource, rows, i));
        if (now != nullptr && now->Covers(row.scope) && IsMoving(*now, *resource, moves, row)) {
          page.waits = true;
          return page;
        }
        TellRow(view, *resource, before, now, row, &page);
        cursor->ahead.insert(row.bucket);
        cursor->told_id = store::IdOf(*resource, *row.record);
        bytes += page.content.changes(page.content.changes_size() - 1).ByteSizeLong();
        if (bytes >= kPageBytes) return page;
      }
      if (page.content.changes_size() >= page_size) return page;
      if (rows.rows() < room) break;
    }
  }
  cursor->told_kind = feed::Cursor::kAllTold;
  cursor->told_id.clear();
  return page;
}

absl::Status Forgotten(const std::string& service, const feed::Heads& heads) {
  std::vector<int> buckets;
  for (const auto& [bucket, of_bucket] : heads.buckets) buckets.push_back(bucket);
  return Diverged(service, buckets);
}

}  // namespace lianqiao::sync
