// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/use_rules.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace lianqiao::resources {

using base::RefuseRule;
using resource::FactQuery;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

namespace {

const FactRow& RowOf(const Facts& facts, const char* query) {
  static const FactRow none;
  const auto& rows = facts.rows(query);
  return rows.empty() ? none : rows[0];
}

// The school that an organisation is today: a campus is its school, and what was merged is what it was merged
// into.
std::string SchoolSql(const std::string& organisation_id) {
  return absl::StrCat(
      "(WITH RECURSIVE line AS (SELECT ", organisation_id,
      "::uuid AS id, 0 AS step UNION ALL SELECT coalesce(o.replaced_by, o.parent_organisation_id), l.step + 1"
      " FROM line l JOIN registry_organisation o ON o.id = l.id WHERE l.step < 20 AND"
      " (o.replaced_by IS NOT NULL OR o.kind = 'ORGANISATION_KIND_CAMPUS' AND o.parent_organisation_id IS NOT"
      " NULL)) SELECT id FROM line ORDER BY step DESC LIMIT 1)");
}

bool SameSchool(const Facts& facts) {
  return RowOf(facts, "item").Text("author_school_id") == RowOf(facts, "consumer").Text("school_id");
}

}  // namespace

FactQuery ItemUsed() {
  return {"item",
          absl::StrCat("SELECT i.state, i.author_organisation_id, i.published_on, i.retired_on,"
                       " i.shows_minors AND i.consent_basis = '' AS stays, ",
                       SchoolSql("i.author_organisation_id"),
                       " AS author_school_id FROM resource_item i WHERE i.id = $1::uuid"),
          {"resource_item_id"},
          {}};
}

FactQuery Consumer() {
  return {"consumer",
          absl::StrCat("SELECT ", SchoolSql("c.id"),
                       " AS school_id FROM registry_organisation c WHERE c.id = $1::uuid"),
          {"consumer_organisation_id"},
          {}};
}

void DeriveResourceUse(v1::ResourceUse* use, const Facts& facts) {
  use->set_author_organisation_id(RowOf(facts, "item").Text("author_organisation_id"));
  use->set_cross_school(!SameSchool(facts));
}

Violations CheckResourceUse(const v1::ResourceUse* before, const v1::ResourceUse& after, const Facts& facts) {
  Violations violations;
  const FactRow& item = RowOf(facts, "item");
  const std::string state = item.Text("state");
  const std::string published = item.Text("published_on");
  const std::string retired = item.Text("retired_on");
  const bool open = state == "RESOURCE_STATE_PUBLISHED" || state == "RESOURCE_STATE_FEATURED";
  if (after.used_on() > facts.today())
    violations.push_back(RefuseRule("usedOn", "使用日期不得晚于今天", "lies in the future"));
  if (!open && published.empty())
    violations.push_back(
        RefuseRule("resourceItemId", "资源尚未发布", "is an item that was not published yet"));
  if (!published.empty() && after.used_on() < published)
    violations.push_back(RefuseRule("usedOn", "使用日期早于发布日期", "lies before the item was published"));
  if (!open && !retired.empty() && after.used_on() > retired)
    violations.push_back(RefuseRule("usedOn", "使用日期晚于下架日期", "lies after the item was retired"));
  if (item.Boolean("stays") && !SameSchool(facts))
    violations.push_back(RefuseRule("consumerOrganisationId", "出现未成年人且未取得同意的资源不得离开本校",
                                    "is another school: what shows minors without consent stays in its own"));
  return violations;
}

FactQuery UsedByConsumer() {
  return {"used",
          "SELECT id FROM resource_use WHERE resource_item_id = $1::uuid"
          " AND consumer_organisation_id = $2::uuid AND delete_time IS NULL LIMIT 1",
          {"resource_item_id", "consumer_organisation_id"},
          {}};
}

Violations CheckResourceRating(const v1::ResourceRating* before, const v1::ResourceRating& after,
                               const Facts& facts) {
  Violations violations;
  if (after.rated_on() > facts.today())
    violations.push_back(RefuseRule("ratedOn", "评分日期不得晚于今天", "lies in the future"));
  if (SameSchool(facts))
    violations.push_back(
        RefuseRule("consumerOrganisationId", "不得给本校的资源评分", "is the school that gives the item"));
  if (facts.rows("used").empty())
    violations.push_back(RefuseRule("consumerOrganisationId", "尚未使用过该资源",
                                    "has not used the item: only whoever used it rates it"));
  return violations;
}

}  // namespace lianqiao::resources
