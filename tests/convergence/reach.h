// SPDX-License-Identifier: Apache-2.0
// What a client may see, said a second time and in the simplest words: what the platform makes of the same
// grants is compared with it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "libs/access/testing/static_authenticator.h"

namespace lianqiao::convergence {

struct Reach {
  bool everything = false;
  std::vector<std::string> places;  // Jurisdictions and organisations.
  // Rows of the alliance in which the organisation takes part.
  std::string alliance_id;
  std::string organisation_id;
  bool personal = false;
  // Not a right but a wish: only what lies in this jurisdiction.
  std::string filter_id;
  // Opens records, never their personal fields; follows from what the grants lie in (lying.h).
  std::vector<std::string> below;

  bool empty() const { return !everything && places.empty() && alliance_id.empty(); }

  bool Covers(const std::vector<std::string>& scope) const {
    const auto holds = [&](const std::string& id) { return Holds(scope, id); };
    if (!filter_id.empty() && !holds(filter_id)) return false;
    return IsGranted(scope) || std::any_of(below.begin(), below.end(), holds);
  }
  bool ShowsPersonal(const std::vector<std::string>& scope) const { return personal && IsGranted(scope); }

  // The same as grants. `service`: "registry"; `right`: "changes".
  std::vector<access::Grant> Grants(const std::string& service, const std::string& right) const {
    using access::ScopeKind;
    std::vector<access::Grant> grants;
    const std::string permission = service + ".*." + right;
    if (everything) grants.push_back(access::testing::MakeGrant(permission, ScopeKind::kPlatform, ""));
    for (const std::string& id : places) {
      const auto kind = id == organisation_id ? ScopeKind::kOrganisation : ScopeKind::kJurisdiction;
      grants.push_back(access::testing::MakeGrant(permission, kind, id));
    }
    if (!alliance_id.empty())
      grants.push_back(access::testing::MakeGrant(permission, ScopeKind::kAlliance, alliance_id));
    return grants;
  }

  access::Caller Caller(const std::string& service) const {
    std::vector<access::Grant> grants = Grants(service, "changes");
    if (personal) {
      for (access::Grant& grant : Grants(service, "personal")) grants.push_back(std::move(grant));
    }
    return access::testing::MakeCaller(std::move(grants), organisation_id);
  }

 private:
  static bool Holds(const std::vector<std::string>& scope, const std::string& id) {
    return std::find(scope.begin(), scope.end(), id) != scope.end();
  }
  bool IsGranted(const std::vector<std::string>& scope) const {
    if (everything) return true;
    for (const std::string& id : places)
      if (Holds(scope, id)) return true;
    return !alliance_id.empty() && Holds(scope, alliance_id) && Holds(scope, organisation_id);
  }
};

}  // namespace lianqiao::convergence
