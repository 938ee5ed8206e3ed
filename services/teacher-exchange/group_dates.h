// SPDX-License-Identifier: Apache-2.0
// What the course of every group of teachers has in common: communities, studios and talent programmes are
// planned, active and ended; members join and leave. Pure.
#pragma once

#include <string>

#include "lianqiao/exchange/v1/development_codes.pb.h"
#include "libs/resource/date_order.h"
#include "libs/resource/facts.h"
#include "libs/resource/record_content.h"

namespace lianqiao::exchange {

inline bool IsOver(v1::GroupState state) {
  return state == v1::GROUP_STATE_ENDED || state == v1::GROUP_STATE_ABANDONED;
}

// The state of the group in a row of the fact "group".
inline v1::GroupState GroupStateOf(const resource::FactRow& group) {
  v1::GroupState state = v1::GROUP_STATE_UNSPECIFIED;
  v1::GroupState_Parse(group.Text("state"), &state);
  return state;
}

// `began_field`: JSON name of its first day.
template <typename Group>
void CheckGroupCourse(const Group* before, const Group& after, const char* began_field,
                      const std::string& began_on, const resource::Facts& facts,
                      resource::Violations* violations) {
  resource::RequireOrder(began_field, began_on, "endedOn", after.ended_on(), violations);
  if (after.state() != v1::GROUP_STATE_ENDED && !after.ended_on().empty())
    violations->push_back(base::RefuseRule("endedOn", "结束日期由结束操作填写", "is set by ending it"));
  if (before != nullptr && IsOver(before->state()) && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after, {}))
    violations->push_back(
        base::RefuseRule("state", "已结束的内容不可更改", "what is over cannot be changed"));
}

template <typename Member>
void CheckStay(const Member& member, resource::Violations* violations) {
  resource::RequireOrder("joinedOn", member.joined_on(), "leftOn", member.left_on(), violations);
  if (member.state() != v1::GROUP_MEMBER_STATE_ENDED && !member.left_on().empty())
    violations->push_back(base::RefuseRule("leftOn", "退出日期由退出操作填写", "is set by leaving"));
}

}  // namespace lianqiao::exchange
