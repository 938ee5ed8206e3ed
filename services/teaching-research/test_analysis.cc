// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/test_analysis.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lianqiao::research {
namespace {

using Group = std::vector<const SchoolFigures*>;

double Mean(const Group& group, int64_t total) {
  double sum = 0;
  for (const SchoolFigures* school : group)
    sum += static_cast<double>(school->tested_count) * school->mean_score;
  return sum / static_cast<double>(total);
}

std::optional<double> Deviation(const Group& group, int64_t total, double mean) {
  double sum = 0;
  for (const SchoolFigures* school : group) {
    if (!school->standard_deviation.has_value()) return std::nullopt;
    const double within = *school->standard_deviation;
    const double between = school->mean_score - mean;
    sum += static_cast<double>(school->tested_count) * (within * within + between * between);
  }
  return std::sqrt(sum / static_cast<double>(total));
}

std::optional<double> Share(const Group& group, int64_t total, std::optional<double> SchoolFigures::*share) {
  double sum = 0;
  for (const SchoolFigures* school : group) {
    if (!(school->*share).has_value()) return std::nullopt;
    sum += static_cast<double>(school->tested_count) * *(school->*share);
  }
  return sum / static_cast<double>(total);
}

}  // namespace

std::vector<v1::SubjectAnalysis> AnalyseSubjects(const std::vector<SchoolFigures>& results) {
  std::map<type::v1::Subject, Group> subjects;
  for (const SchoolFigures& result : results) {
    Group& group = subjects[result.subject];
    if (result.tested_count >= kSmallestGroup) group.push_back(&result);
  }
  std::vector<v1::SubjectAnalysis> analyses;
  for (const auto& [subject, group] : subjects) {
    v1::SubjectAnalysis analysis;
    analysis.set_subject(subject);
    analysis.set_school_count(static_cast<int>(group.size()));
    if (group.size() >= kSmallestField) {
      int64_t total = 0;
      for (const SchoolFigures* school : group) total += school->tested_count;
      analysis.set_tested_count(total);
      analysis.set_mean_score(Mean(group, total));
      const auto deviation = Deviation(group, total, analysis.mean_score());
      if (deviation.has_value()) analysis.set_standard_deviation(*deviation);
      const auto passed = Share(group, total, &SchoolFigures::pass_share);
      if (passed.has_value()) analysis.set_pass_share(*passed);
      const auto excellent = Share(group, total, &SchoolFigures::excellent_share);
      if (excellent.has_value()) analysis.set_excellent_share(*excellent);
    }
    analyses.push_back(std::move(analysis));
  }
  return analyses;
}

}  // namespace lianqiao::research
