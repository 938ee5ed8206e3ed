// SPDX-License-Identifier: Apache-2.0
// SQL conditions on an organisation as it was on a day: where it belonged, whether it existed. `organisation`
// is an alias of its table, `day` an expression of type date. Used by statistics, by the rules of facts and
// by the report on data quality, which must agree on it. Pure.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace lianqiao::registry {

// Where it belonged: it may have moved since, or its county may have become part of another.
inline std::string PlaceOn(const std::string& organisation, const std::string& day) {
  return absl::StrCat("coalesce((SELECT (f->>'jurisdiction_id')::uuid FROM jsonb_array_elements(",
                      organisation, ".former_jurisdictions) f WHERE f->>'valid_to' >= (", day,
                      ")::text AND coalesce(f->>'valid_from', '') <= (", day, ")::text LIMIT 1), ",
                      organisation, ".jurisdiction_id)");
}

// Whether it was closed for a time that holds the day.
inline std::string ClosedForATimeOn(const std::string& organisation, const std::string& day) {
  return absl::StrCat("EXISTS (SELECT 1 FROM jsonb_array_elements(", organisation,
                      ".closed_periods) c WHERE coalesce(c->>'valid_from', '') <= (", day,
                      ")::text AND c->>'valid_to' >= (", day, ")::text)");
}

// Whether it existed, as far as its end and the times in which it was closed tell.
inline std::string NotEndedOn(const std::string& organisation, const std::string& day) {
  const std::string& o = organisation;
  return absl::StrCat("(", o,
                      ".status NOT IN ('ORGANISATION_STATUS_PLANNED', 'ORGANISATION_STATUS_ABANDONED')"
                      " AND CASE WHEN ",
                      o, ".closed_on IS NULL THEN ", o, ".status = 'ORGANISATION_STATUS_ACTIVE' ELSE ", o,
                      ".closed_on >= ", day, " END AND NOT ", ClosedForATimeOn(o, day), ")");
}

// Whether it existed, as far as its beginning tells too.
inline std::string ExistedOn(const std::string& organisation, const std::string& day) {
  return absl::StrCat("((", organisation, ".opened_on IS NULL OR ", organisation, ".opened_on <= ", day,
                      ") AND ", NotEndedOn(organisation, day), ")");
}

}  // namespace lianqiao::registry
