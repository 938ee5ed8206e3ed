// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/practice_model_rules.h"

#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/resource/date_order.h"

namespace lianqiao::research {
namespace {

using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::PracticeModel;

// The figures of "4+1+2"; none where the code is something else (四三一).
std::vector<int> FiguresOf(const std::string& code) {
  std::vector<int> figures;
  for (const absl::string_view part : absl::StrSplit(code, '+')) {
    int figure = 0;
    if (!absl::SimpleAtoi(part, &figure)) return {};
    figures.push_back(figure);
  }
  return figures;
}

// What the figures of a code stand for may be unknown; what is said must be said of those figures.
void CheckParts(const PracticeModel& model, Violations* violations) {
  const std::vector<int> figures = FiguresOf(model.code());
  if (figures.empty() || model.parts().empty()) return;
  std::vector<int> said;
  for (const v1::ModelPart& part : model.parts()) said.push_back(part.figure());
  if (said != figures)
    violations->push_back(
        RefuseRule("parts", "与代号中的数字不一致", "does not name the figures of the code in their order"));
}

}  // namespace

Violations CheckPracticeModel(const PracticeModel* before, const PracticeModel& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("adoptedOn", after.adopted_on(), "endedOn", after.ended_on(), &violations);
  CheckParts(after, &violations);
  const std::vector<int> figures = FiguresOf(after.code());
  constexpr int kDaysOfWeek = 7;
  if (after.kind() == v1::PRACTICE_MODEL_KIND_HOMEWORK_MODEL &&
      std::accumulate(figures.begin(), figures.end(), 0) > kDaysOfWeek)
    violations.push_back(
        RefuseRule("code", "作业模式以一周七天计", "a homework model spreads over the seven days of a week"));
  return violations;
}

}  // namespace lianqiao::research
