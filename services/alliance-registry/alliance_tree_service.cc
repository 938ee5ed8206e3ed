// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_tree_service.h"

#include <algorithm>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance_tree.pb.h"
#include "libs/base/ids.h"

namespace lianqiao::registry {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;
using v1::Alliance;
using v1::Membership;

namespace {

constexpr int kAlliancesMax = 1000;
constexpr int kMembershipsMax = 5000;
constexpr int kDefaultDepth = 2;
constexpr int kDefaultPage = 100;
constexpr int kPageMax = 1000;

// Whether a record held on a day; an ended record whose end is not known held on none.
std::string Held(const char* from, const char* to, const char* state, const char* never, const char* ended,
                 const char* day) {
  return absl::StrCat("(", state, " NOT IN (", never, ") AND (", from, " IS NULL OR ", from, " <= ", day,
                      ") AND CASE WHEN ", to, " IS NULL THEN ", state, " NOT IN (", ended, ") ELSE ", to,
                      " >= ", day, " END)");
}

std::string AllianceHeld(const char* day) {
  return Held("a.active_on", "a.ended_on", "a.state",
              "'ALLIANCE_STATE_DRAFTED', 'ALLIANCE_STATE_AGREEMENT_SIGNED', 'ALLIANCE_STATE_FILED',"
              " 'ALLIANCE_STATE_ABANDONED'",
              "'ALLIANCE_STATE_MERGED', 'ALLIANCE_STATE_DISSOLVED'", day);
}

std::string MembershipHeld(const char* day) {
  return Held("m.joined_on", "m.left_on", "m.state",
              "'MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_AGREED', 'MEMBERSHIP_STATE_WITHDRAWN'",
              "'MEMBERSHIP_STATE_ENDED'", day);
}

// $1 root, $2 depth, $3 everything?, $4 day.
const NamedQuery& TreeQuery() {
  static const NamedQuery query{
      "alliance_tree",
      absl::StrCat(
          "WITH RECURSIVE tree AS (SELECT r.id, 0 AS depth FROM {visible:alliance r} WHERE r.id = $1::uuid"
          " UNION ALL SELECT a.id, t.depth + 1 FROM tree t JOIN {visible:alliance a}"
          " ON a.parent_alliance_id = t.id WHERE t.depth < $2::int AND ($3::boolean OR ",
          AllianceHeld("$4::date"), ")) SELECT id, depth FROM tree ORDER BY depth, id LIMIT ",
          kAlliancesMax + 1)};
  return query;
}

// $1 alliances, $2 everything?, $3 day.
const NamedQuery& MembersQuery() {
  static const NamedQuery query{
      "alliance_members",
      absl::StrCat("SELECT m.id, coalesce(o.name, j.name, '') FROM {visible:membership m}"
                   // Who sees the membership sees whose it is: an alliance is readable by its parties.
                   " LEFT JOIN organisation o ON o.id = m.organisation_id"
                   " LEFT JOIN jurisdiction j ON j.id = m.jurisdiction_id"
                   " WHERE m.alliance_id = ANY($1::uuid[]) AND ($2::boolean OR ",
                   MembershipHeld("$3::date"),
                   ") ORDER BY m.alliance_id, m.position = 0, m.position, m.id LIMIT ", kMembershipsMax + 1)};
  return query;
}

// $1 party, $2 last membership of the page before, $3 everything?, $4 day, $5 size.
const NamedQuery& PartyQuery() {
  static const NamedQuery query{
      "party_alliances",
      absl::StrCat(
          "SELECT m.id, a.id FROM {visible:membership m} JOIN {visible:alliance a} ON a.id = m.alliance_id"
          " WHERE (m.organisation_id = $1::uuid OR m.jurisdiction_id = $1::uuid) AND m.id > $2::uuid"
          " AND ($3::boolean OR (",
          MembershipHeld("$4::date"), " AND ", AllianceHeld("$4::date"), ")) ORDER BY m.id LIMIT $5::int")};
  return query;
}

std::vector<std::string> Column(const Result& rows, int column, int rows_max) {
  std::vector<std::string> values;
  for (int i = 0; i < std::min(rows.rows(), rows_max); ++i) values.push_back(rows.Text(i, column));
  return values;
}

absl::Status AddMembers(Reading& reading, const v1::GetAllianceTreeRequest& request, const std::string& day,
                        v1::GetAllianceTreeResponse* response) {
  std::unordered_map<std::string, v1::AllianceNode*> nodes;
  std::vector<std::string> alliances;
  for (v1::AllianceNode& node : *response->mutable_nodes()) {
    alliances.push_back(node.alliance().id());
    nodes[node.alliance().id()] = &node;
  }
  ASSIGN_OR_RETURN(
      const Result rows,
      reading.Query(MembersQuery(),
                    Parameters().TextArray(alliances).Boolean(request.include_past()).Text(day)));
  response->set_truncated(response->truncated() || rows.rows() > kMembershipsMax);
  std::unordered_map<std::string, std::string> names;
  for (int i = 0; i < rows.rows(); ++i) names[rows.Text(i, 0)] = rows.Text(i, 1);
  ASSIGN_OR_RETURN(std::vector<Membership> memberships,
                   reading.GetMany<Membership>(Column(rows, 0, kMembershipsMax)));
  for (Membership& membership : memberships) {
    const auto node = nodes.find(membership.alliance_id());
    if (node == nodes.end()) continue;
    v1::AllianceMember& member = *node->second->add_members();
    member.set_party_name(names[membership.id()]);
    *member.mutable_membership() = std::move(membership);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::GetAllianceTreeResponse> GetAllianceTree(Reading& reading,
                                                            const v1::GetAllianceTreeRequest& request) {
  const std::string day = request.valid_on().empty() ? reading.today() : request.valid_on();
  const int depth = request.depth() == 0 ? kDefaultDepth : request.depth();
  RETURN_IF_ERROR(reading.Get<Alliance>(request.id()).status());
  ASSIGN_OR_RETURN(
      const Result tree,
      reading.Query(
          TreeQuery(),
          Parameters().Text(request.id()).Integer(depth).Boolean(request.include_past()).Text(day)));
  v1::GetAllianceTreeResponse response;
  response.set_truncated(tree.rows() > kAlliancesMax);
  std::unordered_map<std::string, int> depths;
  for (int i = 0; i < tree.rows(); ++i) depths[tree.Text(i, 0)] = static_cast<int>(tree.Integer(i, 1));
  ASSIGN_OR_RETURN(std::vector<Alliance> alliances,
                   reading.GetMany<Alliance>(Column(tree, 0, kAlliancesMax)));
  for (Alliance& alliance : alliances) {
    v1::AllianceNode& node = *response.add_nodes();
    node.set_depth(depths[alliance.id()]);
    *node.mutable_alliance() = std::move(alliance);
  }
  RETURN_IF_ERROR(AddMembers(reading, request, day, &response));
  return response;
}

absl::Status CheckPartyRequest(const v1::ListPartyAlliancesRequest& request) {
  std::vector<base::Violation> violations;
  if (request.organisation_id().empty() == request.jurisdiction_id().empty())
    violations.push_back(base::RefuseRule("organisationId", "机构与辖区须且只能填写一个",
                                          "exactly one of organisation and jurisdiction is needed"));
  for (const auto& [field, id] : {std::pair{"organisationId", request.organisation_id()},
                                  std::pair{"jurisdictionId", request.jurisdiction_id()}}) {
    if (!id.empty() && !base::IsId(id))
      violations.push_back(base::Refuse(field, base::ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
  }
  if (!request.page_token().empty() && !base::IsId(request.page_token()))
    violations.push_back(base::Refuse("pageToken", base::ErrorReason::PAGE_TOKEN_INVALID));
  return base::FailIfAny(violations);
}

absl::StatusOr<v1::ListPartyAlliancesResponse> ListPartyAlliances(
    Reading& reading, const v1::ListPartyAlliancesRequest& request) {
  RETURN_IF_ERROR(CheckPartyRequest(request));
  static constexpr char kFirst[] = "00000000-0000-0000-0000-000000000000";
  const int size = request.page_size() <= 0 ? kDefaultPage : std::min(request.page_size(), kPageMax);
  ASSIGN_OR_RETURN(
      const Result rows,
      reading.Query(PartyQuery(), Parameters()
                                      .Text(request.organisation_id().empty() ? request.jurisdiction_id()
                                                                              : request.organisation_id())
                                      .Text(request.page_token().empty() ? kFirst : request.page_token())
                                      .Boolean(request.include_past())
                                      .Text(request.valid_on().empty() ? reading.today() : request.valid_on())
                                      .Integer(size + 1)));
  ASSIGN_OR_RETURN(std::vector<Membership> memberships, reading.GetMany<Membership>(Column(rows, 0, size)));
  std::vector<std::string> ids = Column(rows, 1, size);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  ASSIGN_OR_RETURN(const std::vector<Alliance> alliances, reading.GetMany<Alliance>(ids));
  std::unordered_map<std::string, const Alliance*> by_id;
  for (const Alliance& alliance : alliances) by_id[alliance.id()] = &alliance;
  v1::ListPartyAlliancesResponse response;
  for (Membership& membership : memberships) {
    const auto alliance = by_id.find(membership.alliance_id());
    if (alliance == by_id.end()) continue;
    v1::PartyAlliance& entry = *response.add_alliances();
    *entry.mutable_alliance() = *alliance->second;
    *entry.mutable_membership() = std::move(membership);
  }
  if (rows.rows() > size) response.set_next_page_token(rows.Text(size - 1, 0));
  return response;
}

}  // namespace

void AddAllianceTree(resource::Service& service) {
  service.on("lianqiao.registry.v1.AllianceTreeService", "GetAllianceTree", GetAllianceTree);
  service.on("lianqiao.registry.v1.AllianceTreeService", "ListPartyAlliances", ListPartyAlliances);
}

}  // namespace lianqiao::registry
