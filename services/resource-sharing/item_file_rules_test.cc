// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_file_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace lianqiao::resources {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Values = std::map<std::string, std::string>;

resource::Facts Files(const std::vector<Values>& rows) {
  std::vector<resource::FactRow> facts;
  for (const Values& row : rows) facts.push_back(resource::FactRow(row));
  resource::Facts all;
  all.Add("version_files", facts);
  return all;
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

TEST(ItemFileRules, AnEditionNamesWholeFilesOfItsAuthor) {
  v1::ResourceVersion version;
  for (const char* id : {"f1", "f2", "f3", "f4", "f1"}) version.add_file_ids(id);
  const resource::Facts facts = Files({{{"id", "f1"}, {"state", "FILE_STATE_STORED"}, {"own", "t"}},
                                       {{"id", "f2"}, {"state", "FILE_STATE_UPLOADING"}, {"own", "t"}},
                                       {{"id", "f3"}, {"state", "FILE_STATE_STORED"}, {"own", "f"}}});
  EXPECT_THAT(Refused(CheckVersionFiles(nullptr, version, facts)),
              ElementsAre("fileIds[1]", "fileIds[2]", "fileIds[3]", "fileIds[4]"));
  // Another school's file and none are told alike.
  const auto violations = CheckVersionFiles(nullptr, version, facts);
  EXPECT_EQ(violations[1].reason(), base::ErrorReason::REFERENCE_NOT_FOUND);
  EXPECT_EQ(violations[1].reason(), violations[2].reason());
  EXPECT_EQ(violations[1].arguments().at("kind"), violations[2].arguments().at("kind"));
  // They never change: a file that is gone since is no matter of a later edit.
  EXPECT_THAT(CheckVersionFiles(&version, version, resource::Facts()), IsEmpty());
  v1::ResourceVersion deleted = version;
  deleted.mutable_delete_time()->set_seconds(1);
  EXPECT_THAT(Refused(CheckVersionFiles(&deleted, version, facts)),
              ElementsAre("fileIds[1]", "fileIds[2]", "fileIds[3]", "fileIds[4]"))
      << "while it was deleted, nothing kept its files";
  EXPECT_THAT(CheckVersionFiles(nullptr, v1::ResourceVersion(), resource::Facts()), IsEmpty());
}

TEST(ItemFileRules, ANamedFileStays) {
  resource::Facts facts;
  EXPECT_THAT(CheckFileDeletion(v1::File(), facts), IsEmpty());
  facts.Add("editions", {resource::FactRow(Values{{"found", "1"}})});
  EXPECT_THAT(Refused(CheckFileDeletion(v1::File(), facts)), ElementsAre("id"));
}

}  // namespace
}  // namespace lianqiao::resources
