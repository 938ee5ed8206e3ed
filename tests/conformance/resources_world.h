// SPDX-License-Identifier: Apache-2.0
// The real resource-sharing over the real registry: two counties of one city with schools, their bureaus and
// an alliance across both. Tests only.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/resources/v1/resource_item.pb.h"
#include "services/resource-sharing/resources.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {

namespace resources = ::lianqiao::resources::v1;

class ResourcesWorld : public RegistryWorld {
 protected:
  ResourcesWorld();

  // A caller of resource-sharing with a grant on one record of the registry: reads, writes and changes.
  void AddReader(const std::string& token, access::ScopeKind kind, const std::string& id,
                 const std::string& organisation_id = "");
  registry::Organisation Office(const std::string& name, const std::string& jurisdiction_id);
  // An alliance that runs, and a party of it: a school, or a county.
  registry::Alliance Alliance(registry::AllianceType type, const std::string& jurisdiction_id);
  registry::Membership Join(const std::string& alliance_id, const std::string& party_id, bool leads = false);
  // As the registry has it now.
  void CatchUp() { resources_.CatchUp(); }
  void MoveSchool(const std::string& school, const std::string& place);
  // Of a background that works off all that has moved.
  void Stamp();

  // A draft of a link into a cloud, so that it needs no file.
  resources::ResourceItem NewItem(const std::string& organisation, resources::ResourceAudience audience,
                                  resources::ResourceLevel level, const std::string& title = "分数的意义");
  absl::StatusOr<resources::ResourceItem> Make(const resources::ResourceItem& item,
                                               const std::string& token = "operator");
  absl::StatusOr<resources::ResourceItem> Look(const std::string& id, const std::string& token);
  absl::Status See(const std::string& id, const std::string& token) { return Look(id, token).status(); }
  // "Submit", "Publish", …
  absl::StatusOr<resources::ResourceItem> Move(const std::string& verb, const std::string& id,
                                               const std::string& token = "operator",
                                               const std::string& reason = "");
  absl::Status Edit(const resources::ResourceItem& item, const std::vector<std::string>& fields,
                    const std::string& token);
  // Published today, as a source system brings its history.
  resources::ResourceItem Published(const std::string& organisation, resources::ResourceAudience audience,
                                    resources::ResourceLevel level, const std::string& alliance_id = "",
                                    const std::string& title = "分数的意义");

  testing::TestService resources_;
  // Each has a caller of its name: "near_school" and so on; "near", "far", "city" are the bureaus.
  std::string near_school_, near_other_, far_school_;
  std::string near_office_;  // 教研室 of the near county; caller "near_office".
};

}  // namespace lianqiao::conformance
