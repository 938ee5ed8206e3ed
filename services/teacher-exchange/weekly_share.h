// SPDX-License-Identifier: Apache-2.0
// How much of a teacher's week assignments take: nobody can give more than the whole of it. Pure.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/exchange/v1/assignment.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// Days on which an assignment takes its share; an empty bound is open.
struct Share {
  std::string from;
  std::string until;
  int percent = 0;
  bool operator==(const Share& other) const {
    return from == other.from && until == other.until && percent == other.percent;
  }
};

// None of what was only nominated or withdrawn, nor of what ended nobody knows when. On post, a teacher stays
// until somebody says that it is over, whatever was planned.
bool TakesShare(const v1::Assignment& assignment, const std::string& today, Share* share);

// The others of the same teacher: a fact with the columns of kShareColumns.
inline constexpr char kShareColumns[] =
    "a.state, a.planned_from, a.planned_until, a.started_on, a.ended_on, a.weekly_share_percent";
std::vector<Share> SharesOf(const std::vector<resource::FactRow>& rows, const std::string& today);

// The day within `own` on which all together take most, and how much that is.
struct Busiest {
  std::string day;  // Empty: from the beginning.
  int percent = 0;
};
Busiest BusiestDay(const Share& own, const std::vector<Share>& others);

}  // namespace lianqiao::exchange
