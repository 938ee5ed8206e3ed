// SPDX-License-Identifier: Apache-2.0
// Every state moves along these tables and no others. The contract holds the edges; here they stand once
// more, as the domain paper has them, so that a change of one is a decision and no slip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/resources/v1/resource_item.pb.h"

namespace lianqiao::resources {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;

// "Publish: REVIEWED -> PUBLISHED", in the order of the contract.
std::vector<std::string> TableOf(const Descriptor& record) {
  std::vector<std::string> edges;
  const auto* service = record.file()->FindServiceByName(record.name() + "Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (!method.options().HasExtension(options::v1::transition)) continue;
    const auto& rule = method.options().GetExtension(options::v1::transition);
    const std::string verb = method.name().substr(0, method.name().size() - record.name().size());
    edges.push_back(absl::StrCat(verb, ": ", absl::StrJoin(rule.from(), " "), " -> ", rule.to()));
  }
  return edges;
}

TEST(TransitionTables, ItemsAreReviewedBeforeTheyArePublished) {
  EXPECT_THAT(TableOf(*v1::ResourceItem::descriptor()),
              ElementsAreArray({"Submit: DRAFT RETURNED -> SUBMITTED", "Withdraw: SUBMITTED -> DRAFT",
                                "Return: SUBMITTED -> RETURNED", "Accept: SUBMITTED -> REVIEWED",
                                "Publish: REVIEWED -> PUBLISHED", "Feature: PUBLISHED -> FEATURED",
                                "Unfeature: FEATURED -> PUBLISHED", "Retire: PUBLISHED FEATURED -> RETIRED",
                                "Reopen: REVIEWED PUBLISHED FEATURED RETIRED -> DRAFT"}));
}

}  // namespace
}  // namespace lianqiao::resources
