// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/rpc/client.h"
#include "libs/testing/golden.h"
#include "services/alliance-registry/alliance_fixture.h"
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {
namespace {

using namespace registry::v1;  // NOLINT: every record below is the registry's.

class ErrorMessages : public registry::AllianceFixture {
 protected:
  ErrorMessages() {
    names_["$county$"] = weibin_.id();
    names_["$other_county$"] = feng_.id();
    names_["$nothing$"] = "00000000-0000-7000-8000-0000000000ff";
    const std::string school = names_["$school$"] = School("一小", weibin_.id(), "2161000001").id();
    names_["$new_school$"] = School("二小", weibin_.id()).id();
    names_["$other_school$"] = School("三小", feng_.id()).id();
    const std::string alliance = names_["$alliance$"] =
        Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_ACTIVE, weibin_.id()).id();
    names_["$drafted$"] = Draft(ALLIANCE_TYPE_EDUCATION_GROUP, weibin_.id()).id();
    names_["$filed$"] = Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_FILED, weibin_.id()).id();
    auto member = Membership(alliance, school, MEMBERSHIP_ROLE_MEMBER);
    member.mutable_membership()->set_state(MEMBERSHIP_STATE_ACTIVE);
    member.mutable_membership()->set_joined_on("2021-09-01");
    names_["$membership$"] = Propose(member).id();
    names_["$proposed$"] =
        Propose(Membership(alliance, names_["$other_school$"], MEMBERSHIP_ROLE_MEMBER)).id();
    AddClient("county", access::ScopeKind::kJurisdiction, weibin_.id());
    AddClient("member", access::ScopeKind::kOrganisation, school);
    service_.AddCaller("ungranted", access::testing::MakeCaller({}));
    CreateOrganisationRequest used;
    used.mutable_organisation()->set_kind(ORGANISATION_KIND_SCHOOL);
    used.mutable_organisation()->set_name("甲校");
    used.mutable_organisation()->set_jurisdiction_id(weibin_.id());
    used.set_request_id("used");
    Must<Organisation>("OrganisationService/CreateOrganisation", used);
    type::v1::ListRequest page;
    page.set_page_size(1);
    texts_["$page_token$"] =
        Must<ListOrganisationsResponse>("OrganisationService/ListOrganisations", page).next_page_token();
    for (int length : {101, 300}) {
      std::string& text = texts_[absl::StrCat("$x", length, "$")];
      for (int i = 0; i < length; ++i) text += "长";
    }
  }

  // As it came over the wire, for a person who reads this language.
  google::rpc::Status Answer(const BadRequest& bad, const std::string& language) {
    std::string text = absl::StrReplaceAll(bad.request, texts_);
    text = absl::StrReplaceAll(text, names_);
    const std::string path = absl::StrCat("/lianqiao.registry.v1.", bad.method);
    const contract::Method* method = service_.contract().FindMethod(path);
    google::rpc::Status answer;
    if (method == nullptr) {
      ADD_FAILURE() << "no method " << bad.method;
      return answer;
    }
    std::unique_ptr<google::protobuf::Message> request(google::protobuf::MessageFactory::generated_factory()
                                                           ->GetPrototype(method->descriptor->input_type())
                                                           ->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()))
        << bad.what << ": " << text;
    rpc::Client::Metadata metadata = {{rpc::kAcceptLanguage, language}};
    if (!bad.token.empty()) metadata.emplace_back(rpc::kAuthorization, "Bearer " + bad.token);
    const auto got =
        client_.CallAndWait(path, request->SerializeAsString(), metadata, absl::Now() + absl::Seconds(30));
    EXPECT_FALSE(got.status.ok()) << bad.method << ", " << bad.what << ": is not refused: " << text;
    EXPECT_TRUE(answer.ParseFromString(got.error_details)) << bad.what;
    return answer;
  }

  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> texts_;
  rpc::Client client_{rpc::Client::Options{service_.address(), 1}};
};

std::string TextOf(const google::rpc::Status& answer) {
  google::rpc::LocalizedMessage text;
  for (const auto& detail : answer.details())
    if (detail.UnpackTo(&text)) return text.message();
  return "";
}

google::rpc::BadRequest FieldsOf(const google::rpc::Status& answer) {
  google::rpc::BadRequest fields;
  for (const auto& detail : answer.details())
    if (detail.UnpackTo(&fields)) break;
  return fields;
}

std::string Render(const google::rpc::Status& zh, const google::rpc::Status& en) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : en.details())
    if (detail.UnpackTo(&info)) break;
  std::string text = absl::StrCat("  ", absl::StatusCodeToString(static_cast<absl::StatusCode>(en.code())),
                                  " ", info.reason(), "\n    zh ", TextOf(zh), "\n    en ", TextOf(en), "\n");
  const auto fields_zh = FieldsOf(zh);
  const auto fields_en = FieldsOf(en);
  EXPECT_EQ(fields_zh.field_violations_size(), fields_en.field_violations_size());
  for (int i = 0; i < std::min(fields_zh.field_violations_size(), fields_en.field_violations_size()); ++i)
    absl::StrAppend(&text, "  ", fields_en.field_violations(i).field(), " ",
                    fields_en.field_violations(i).reason(), "\n    zh ",
                    fields_zh.field_violations(i).description(), "\n    en ",
                    fields_en.field_violations(i).description(), "\n");
  return text;
}

TEST_F(ErrorMessages, EveryBadRequestIsAnsweredAsTheGoldenFileSays) {
  std::map<std::string, std::string> readable;
  for (const auto& [name, id] : names_) readable[id] = name;
  std::string all;
  for (const BadRequest& bad : BadRequests()) {
    const std::string answer = Render(Answer(bad, "zh-CN"), Answer(bad, "en"));
    EXPECT_EQ(answer.find(" INTERNAL"), std::string::npos)
        << bad.method << ", " << bad.what << ": " << answer;
    absl::StrAppend(&all, bad.method, ": ", bad.what, "\n", absl::StrReplaceAll(answer, readable), "\n");
  }
  testing::ExpectGolden("errors.txt", all, "a person who reads the new text knows at once what to do");
}

}  // namespace
}  // namespace lianqiao::gates
