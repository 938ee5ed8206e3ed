// SPDX-License-Identifier: Apache-2.0
// What rules of this service ask about schools: which stages have a grade, which bodies teach, and how far
// the word of a body reaches. Pure but for the text of queries over the copy of the registry.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/type/v1/education.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::research {

// Grade 6 is primary, or junior where primary school has five years. None for an unset grade.
std::vector<type::v1::Stage> StagesOf(type::v1::Grade grade);
// Special education has every grade; what is not set fits.
bool StageHasGrade(type::v1::Stage stage, type::v1::Grade grade);

// By the name of an OrganisationKind of the registry.
bool IsSchoolKind(const std::string& kind);

// Boolean SQL, of rows `body` and `school` of registry_organisation.
//
// `body` is an authority or one of its units.
extern const char kIsAuthoritySql[];
// `school` lies in the place that `body`, such an authority, answers for, or is body's own campus or point.
std::string InPlaceSql();
// Both have been parties of the alliance `alliance_id` (SQL), by themselves or with their place. What has
// ended counts, since history is entered afterwards; a proposal does not.
std::string AlliedSql(const std::string& alliance_id);
// The organisation `who` is a party of the alliance on `day` (SQL), by itself, with its place or as a campus
// of a member. Who has agreed and has not joined yet is one of the parties if `agreed_too`.
std::string PartySql(const std::string& alliance_id, const std::string& who, const std::string& day,
                     bool agreed_too);

// Entries of a list of messages with `organisation_id` that name nobody. Fact "unknown_<list>".
resource::FactQuery UnknownOrganisations(const std::string& list);
void RefuseUnknownOrganisations(const std::string& list, const resource::Facts& facts,
                                resource::Violations* violations);

// Refuses an entry that names an organisation a second time.
template <typename Entries>
void RefuseRepeated(const Entries& entries, const std::string& list, resource::Violations* violations) {
  for (int i = 0; i < entries.size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (entries[i].organisation_id() != entries[j].organisation_id()) continue;
      violations->push_back(base::RefuseRule(list + "[" + std::to_string(i) + "].organisationId",
                                             "名单中已有该单位", "stands in the list already"));
      break;
    }
  }
}

}  // namespace lianqiao::research
