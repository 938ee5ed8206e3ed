// SPDX-License-Identifier: Apache-2.0
// The plausibility rules of yearly facts (enum PlausibilityRule in data_quality.proto, which documents each)
// and the fields that indicators need. Used by the rules of facts, which refuse the impossible, and by the
// data-quality report, which shows the unusual. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lianqiao/registry/v1/data_quality.pb.h"
#include "lianqiao/registry/v1/jurisdiction_year_facts.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"

namespace lianqiao::registry {

struct Finding {
  v1::PlausibilityRule rule;
  std::string field;  // Proto name of the field that is wrong.
};

// What one record alone does not tell.
struct SchoolContext {
  std::vector<type::v1::Stage> stages;  // Registered for the school; empty: not known.
  std::optional<int64_t> pupils_last_year;
};

std::vector<Finding> Examine(const v1::SchoolYearFacts& facts, const SchoolContext& context);
// Open schools that the registry holds on the statistics day, campuses not counted.
struct JurisdictionContext {
  std::optional<int64_t> registered_schools;
};
std::vector<Finding> Examine(const v1::JurisdictionYearFacts& facts, const JurisdictionContext& context = {});

// Rules 1 to 49: cannot be true, refused when written.
bool IsImpossible(v1::PlausibilityRule rule);

// Proto names of fields that are not set but needed by L1–L7 and the rules for this stage.
std::vector<std::string> MissingFields(const v1::SchoolYearFacts& facts);
std::vector<std::string> MissingFields(const v1::JurisdictionYearFacts& facts);

}  // namespace lianqiao::registry
