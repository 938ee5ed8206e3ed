// SPDX-License-Identifier: Apache-2.0
// A province with two cities' worth of places, and callers who see parts of it. Tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/testing/service.h"
#include "services/alliance-registry/registry.h"

namespace lianqiao::conformance {

namespace registry = ::lianqiao::registry::v1;

class RegistryWorld : public ::testing::Test {
 protected:
  RegistryWorld();

  registry::Jurisdiction Place(registry::JurisdictionKind kind, registry::JurisdictionLevel level,
                               const std::string& name, const std::string& parent_id);
  registry::Organisation School(const std::string& name, const std::string& jurisdiction_id,
                                const std::string& token = "operator");
  registry::CreateOrganisationRequest NewSchool(const std::string& name, const std::string& jurisdiction_id);
  absl::StatusOr<registry::Organisation> Get(const std::string& id, const std::string& token = "operator");
  absl::StatusOr<registry::Organisation> Rename(const std::string& id, const std::string& name,
                                                const std::string& etag,
                                                const std::string& token = "operator");
  int64_t Count(const std::string& sql);
  // Create, rename and move schools until *writing is false; then to be joined.
  std::vector<std::thread> StartWriters(int count, const std::atomic<bool>* writing);

  testing::TestService service_;
  std::string city_id_;
  std::string near_id_;  // A county that the caller "near" reads and writes.
  std::string far_id_;   // A county that only "far" and the operator see.
};

}  // namespace lianqiao::conformance
