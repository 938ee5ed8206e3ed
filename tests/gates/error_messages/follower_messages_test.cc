// SPDX-License-Identifier: Apache-2.0
// What the services that follow the registry say to requests that the contract makes bad, and to steps of
// records that are not ready for them.
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/rpc/client.h"
#include "libs/testing/golden.h"
#include "tests/gates/access_matrix/requests.h"
#include "tests/gates/access_matrix/world.h"
#include "tests/gates/error_messages/rendering.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {
namespace {

using contract::Method;
using contract::Standard;

constexpr char kNothing[] = "00000000-0000-7000-8000-0000000000ff";

class FollowerMessages : public WorldFixture, public ::testing::WithParamInterface<Follower> {
 protected:
  FollowerMessages()
      : follower_(GetParam().definition(), std::vector<testing::TestService*>{&service_}),
        client_(rpc::Client::Options{follower_.address(), 1}) {
    follower_.CatchUp();
    AddOtherKinds(follower_, &home_);
    for (const auto& [kind, id] : home_.ids) readable_[id] = absl::StrCat("$", kind, "$");
    readable_[home_.other_county] = "$other_county$";
    readable_[home_.member_school] = "$member_school$";
  }

  std::string Said(const Method& method, const char* what, const Message& request) {
    const std::string text = RefusalOf(client_, method.path, request, "Bearer operator");
    if (text.empty()) return "";
    const std::string name = method.path.substr(method.path.find("v1.") + 3);
    return absl::StrCat(name, ": ", what, "\n", absl::StrReplaceAll(text, readable_), "\n");
  }

  // Every field beyond what its rule allows.
  static void Spoil(const contract::Resource& resource, Message* record) {
    const auto& set = *record->GetReflection();
    for (const contract::Field& field : resource.fields) {
      const auto* descriptor = field.descriptor;
      if (field.rule->output_only() || descriptor->is_repeated()) continue;
      if (descriptor->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32 && field.rule->has_max())
        set.SetInt32(record, descriptor, static_cast<int>(field.rule->max()) + 1);
      if (descriptor->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
      std::string text = kNothing;
      if (field.rule->format() == options::v1::FORMAT_DATE) text = "2024-02-30";
      if (field.rule->max_length() > 0 && field.rule->reference().empty()) {
        text.clear();
        for (int64_t i = 0; i <= field.rule->max_length(); ++i) text += "长";
      }
      set.SetString(record, descriptor, text);
    }
  }

  // A record in the first state of its course.
  void Begin(const contract::Resource& resource) {
    std::string reset = absl::StrCat("UPDATE ", resource.kind, " SET delete_time = NULL");
    for (const contract::Field& field : resource.fields) {
      const bool state = field.column == contract::Column::kEnum && !field.array && field.rule->output_only();
      if (state)
        absl::StrAppend(&reset, ", ", field.name, " = '", field.descriptor->enum_type()->value(1)->name(),
                        "'");
    }
    const std::string& id = home_.ids.at(resource.kind);
    ASSERT_TRUE(follower_.Query(absl::StrCat(reset, " WHERE id = '", id, "'")).ok()) << resource.kind;
  }

  std::string SaidTo(const Method& method) {
    const auto empty = NewMessage(method.descriptor->input_type());
    if (method.standard == Standard::kCreate) {
      const auto spoilt = NewMessage(method.descriptor->input_type());
      Spoil(*method.resource, spoilt->GetReflection()->MutableMessage(spoilt.get(), method.record));
      return Said(method, "nothing", *empty) + Said(method, "too much of everything", *spoilt);
    }
    const bool own = method.standard == Standard::kCustom || method.standard == Standard::kTransition;
    if (!own || absl::StrContains(method.path, ".sync.v1.")) return "";
    std::string kind = method.access->scope_kind().substr(method.access->scope_kind().find('/') + 1);
    if (method.resource != nullptr) {
      Begin(*method.resource);
      kind = method.resource->kind;
    }
    const std::string id = kind.empty() ? "" : home_.ids.at(kind);
    return Said(method, "nothing", *empty) +
           Said(method, "a record at its beginning",
                *RequestOf(follower_.contract(), method, home_, id, nullptr));
  }

  testing::TestService follower_;
  rpc::Client client_;
  std::map<std::string, std::string> readable_;
};

TEST_P(FollowerMessages, EveryBadRequestIsAnsweredAsTheGoldenFileSays) {
  std::string all;
  for (const auto& method : follower_.contract().methods()) {
    if (method->descriptor->client_streaming() || method->descriptor->server_streaming()) continue;
    all += SaidTo(*method);
  }
  testing::ExpectGolden(absl::StrCat("errors_", GetParam().name, ".txt"), all,
                        "a person who reads the new text knows at once what to do");
}

INSTANTIATE_TEST_SUITE_P(Services, FollowerMessages, ::testing::ValuesIn(Followers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lianqiao::gates
