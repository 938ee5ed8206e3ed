// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/lying.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "libs/base/clock.h"
#include "libs/store/scope.h"

namespace lianqiao::convergence {

Lying Lying::Today(Installation* follower) {
  Lying lying;
  if (follower->followed() == nullptr) return lying;
  const postgres::Result places = follower->Sql(
      "SELECT id, sync_scope FROM registry_organisation UNION ALL"
      " SELECT id, sync_scope FROM registry_jurisdiction");
  for (int i = 0; i < places.rows(); ++i) {
    const std::vector<std::string> above = places.TextArray(i, 1);
    lying.places_[places.Text(i, 0)] = {above.begin(), above.end()};
  }
  const std::string today = base::BusinessDate(follower->clock().Now());
  const postgres::Result parties = follower->Sql(absl::StrCat(
      "SELECT alliance_id, coalesce(organisation_id, jurisdiction_id) FROM registry_membership"
      " WHERE state IN ('MEMBERSHIP_STATE_AGREED', 'MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
      " AND coalesce(joined_on, '-infinity') <= '",
      today, "' AND coalesce(left_on, 'infinity') >= '", today, "'"));
  for (int i = 0; i < parties.rows(); ++i) lying.parties_[parties.Text(i, 0)].insert(parties.Text(i, 1));
  return lying;
}

Lying Lying::Ever(const std::vector<Log>& logs) {
  Lying lying;
  for (const Log& log : logs) {
    for (const LoggedChange& change : log.changes) {
      if (change.key.first == "organisation" || change.key.first == "jurisdiction")
        lying.places_[change.key.second].insert(change.scope_after.begin(), change.scope_after.end());
    }
    for (const auto& [of, bytes] : log.states) {
      registry::v1::Membership membership;
      if (of.first.first != "membership" || !membership.ParseFromString(bytes)) continue;
      lying.parties_[membership.alliance_id()].insert(
          membership.organisation_id().empty() ? membership.jurisdiction_id() : membership.organisation_id());
    }
  }
  return lying;
}

std::set<std::string> Lying::PlacesOf(const std::string& id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? std::set<std::string>() : found->second;
}

bool Lying::TakesPart(const std::set<std::string>& places, const std::string& alliance_id) const {
  const auto found = parties_.find(alliance_id);
  return found != parties_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const std::string& party) { return places.count(party) > 0; });
}

Reach Lying::Complete(Reach reach) const {
  std::set<std::string> below;
  for (const std::string& granted : reach.places) {
    const std::set<std::string> places = PlacesOf(granted);
    for (const std::string& place : places) below.insert(store::BelowId(place));
    for (const auto& [alliance, parties] : parties_) {
      if (TakesPart(places, alliance)) below.insert(store::BelowId(alliance));
    }
  }
  if (!reach.alliance_id.empty() && TakesPart(PlacesOf(reach.organisation_id), reach.alliance_id))
    below.insert(store::BelowId(reach.alliance_id));
  reach.below.assign(below.begin(), below.end());
  return reach;
}

}  // namespace lianqiao::convergence
