// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/subject.h"

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/registry.h"
#include "services/resource-sharing/resources.h"
#include "services/teacher-exchange/exchange.h"
#include "services/teaching-research/research.h"
#include "tests/convergence/world.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace {

// What all that follow a registry have in common. Writers want rows of `wanted` most of all.
Subject Follower(const std::string& name, const std::string& schema, const std::string& wanted) {
  Subject subject;
  subject.name = name;
  subject.package = absl::StrCat("lianqiao.", name, ".v1");
  subject.schema = schema;
  subject.held = {absl::StrCat("SELECT * FROM ", wanted, " ORDER BY random() LIMIT 3 FOR UPDATE"),
                  "SELECT * FROM feed_head ORDER BY random() LIMIT 1 FOR UPDATE",
                  "SELECT * FROM registry_organisation ORDER BY random() LIMIT 2 FOR UPDATE",
                  "SELECT * FROM registry_consumer_cursor FOR UPDATE"};
  subject.local_rights = {"registry.*", absl::StrCat(name, ".*")};
  return subject;
}

Subject Exchange() {
  Subject subject = Follower("exchange", "teacher_exchange", "teacher");
  subject.definition = ::lianqiao::exchange::ExchangeDefinition;
  subject.kinds = {"teacher", "assignment"};
  subject.marks = {{"teacher", "person_ref", "name"}, {"assignment", "tasks", "tasks"}};
  subject.local_rights.push_back("exchange.*.approve");
  subject.writer = MakeExchangeWriter;
  subject.fill = FillExchange;
  return subject;
}

Subject Research() {
  Subject subject = Follower("research", "teaching_research", "joint_activity");
  subject.definition = ::lianqiao::research::ResearchDefinition;
  subject.kinds = {"joint_activity", "activity_party", "unified_test", "test_result", "research_project"};
  subject.marks = {{"joint_activity", "title", "description"},
                   {"activity_party", "remark", "remark"},
                   {"unified_test", "title", "conclusions"},
                   {"research_project", "leader_id", "leader_id"}};
  subject.local_rights.push_back("research.joint_activity.verify");
  subject.writer = MakeResearchWriter;
  subject.prepare = PrepareResearch;
  subject.fill = FillResearch;
  return subject;
}

Subject Resources() {
  Subject subject = Follower("resources", "resource_sharing", "resource_item");
  subject.definition = ::lianqiao::resources::ResourcesDefinition;
  subject.kinds = {"resource_item",  "resource_version", "resource_review", "bell_schedule",
                   "lesson_teacher", "online_lesson",    "lesson_reception"};
  subject.marks = {
      {"resource_item", "title", "author_id"},       {"resource_version", "note", "note"},
      {"resource_review", "reviewer_id", "comment"}, {"lesson_teacher", "teacher_id", "teacher_id"},
      {"online_lesson", "title", "title"},           {"lesson_reception", "feedback", "feedback"}};
  subject.local_rights.push_back("resources.resource_item.feature");
  subject.writer = MakeResourcesWriter;
  subject.prepare = PrepareResources;
  subject.fill = FillResources;
  return subject;
}

}  // namespace

const Subject& RegistrySubject() {
  static const Subject subject = {
      "registry",
      "lianqiao.registry.v1",
      "alliance_registry",
      ::lianqiao::registry::RegistryDefinition,
      {"jurisdiction", "organisation", "alliance", "membership", "role_holder"},
      {{"organisation", "remark", "short_name"}},
      {"SELECT * FROM organisation ORDER BY random() LIMIT 3 FOR UPDATE",
       "SELECT * FROM feed_head ORDER BY random() LIMIT 1 FOR UPDATE", "SELECT count(*) FROM change",
       "SELECT * FROM alliance LIMIT 1 FOR UPDATE"},
      {"registry.*"},
      MakeRegistryWriter,
      nullptr,
      FillRegistry};
  return subject;
}

const Subject& ExchangeSubject() {
  static const Subject subject = Exchange();
  return subject;
}

const Subject& ResearchSubject() {
  static const Subject subject = Research();
  return subject;
}

const Subject& ResourcesSubject() {
  static const Subject subject = Resources();
  return subject;
}

const Subject* FindSubject(const std::string& name) {
  for (const Subject* subject :
       {&RegistrySubject(), &ExchangeSubject(), &ResearchSubject(), &ResourcesSubject()})
    if (subject->name == name) return subject;
  return nullptr;
}

}  // namespace lianqiao::convergence
