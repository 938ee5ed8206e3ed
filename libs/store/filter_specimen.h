// SPDX-License-Identifier: Apache-2.0
// A resource with a field of every kind that can be stored, for the tests of filters, orders and page tokens.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/contract/contract.h"

namespace lianqiao::store {

struct SpecimenField {
  const char* name;
  google::protobuf::FieldDescriptorProto::Type type;
  enum { kPlain, kOptional, kRepeated } label;
  const char* type_name;
  const char* rule;
};

inline std::vector<SpecimenField> SpecimenFields() {
  using Proto = google::protobuf::FieldDescriptorProto;
  using F = SpecimenField;
  static constexpr char kTime[] = ".google.protobuf.Timestamp";
  static constexpr char kState[] = ".lianqiao.specimen.v1.SpecimenState";
  return {
      {"id", Proto::TYPE_STRING, F::kPlain, "", ""},
      {"revision", Proto::TYPE_INT64, F::kPlain, "", ""},
      {"etag", Proto::TYPE_STRING, F::kPlain, "", "computed: true"},
      {"create_time", Proto::TYPE_MESSAGE, F::kPlain, kTime, "orderable: true"},
      {"update_time", Proto::TYPE_MESSAGE, F::kPlain, kTime, "orderable: true"},
      {"delete_time", Proto::TYPE_MESSAGE, F::kPlain, kTime, ""},
      {"external_ids", Proto::TYPE_MESSAGE, F::kRepeated, ".lianqiao.type.v1.ExternalId", ""},
      {"name", Proto::TYPE_STRING, F::kPlain, "", "orderable: true"},
      {"nick_name", Proto::TYPE_STRING, F::kOptional, "", "orderable: true"},
      {"state", Proto::TYPE_ENUM, F::kPlain, kState, "orderable: true"},
      {"former_state", Proto::TYPE_ENUM, F::kOptional, kState, ""},
      {"joined_on", Proto::TYPE_STRING, F::kPlain, "", "format: FORMAT_DATE orderable: true"},
      {"school_id", Proto::TYPE_STRING, F::kPlain, "", "format: FORMAT_UUID"},
      {"pupil_count", Proto::TYPE_INT32, F::kPlain, "", "orderable: true"},
      {"budget", Proto::TYPE_INT64, F::kOptional, "", "orderable: true"},
      {"ratio", Proto::TYPE_DOUBLE, F::kPlain, "", ""},
      {"score", Proto::TYPE_DOUBLE, F::kOptional, "", "orderable: true"},
      {"boarding", Proto::TYPE_BOOL, F::kPlain, "", ""},
      {"rural", Proto::TYPE_BOOL, F::kOptional, "", ""},
      {"tags", Proto::TYPE_STRING, F::kRepeated, "", ""},
      {"states", Proto::TYPE_ENUM, F::kRepeated, kState, ""},
      {"grades", Proto::TYPE_INT32, F::kRepeated, "", ""},
      {"teacher", Proto::TYPE_STRING, F::kPlain, "", "personal { purpose: 'test' } orderable: true"},
      {"note", Proto::TYPE_STRING, F::kPlain, "", "not_filterable: true"},
      {"seal", Proto::TYPE_BYTES, F::kPlain, "", ""},
      {"partner", Proto::TYPE_MESSAGE, F::kPlain, ".lianqiao.type.v1.ExternalId", ""},
  };
}

// What a .proto file would say, and protoc would make of it.
inline google::protobuf::FileDescriptorProto SpecimenFile() {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
      name: "lianqiao/specimen/v1/specimen.proto" package: "lianqiao.specimen.v1" syntax: "proto3"
      dependency: "google/protobuf/timestamp.proto" dependency: "lianqiao/type/v1/standard.proto"
      enum_type { name: "SpecimenState" value { name: "SPECIMEN_STATE_UNSPECIFIED" number: 0 }
                  value { name: "SPECIMEN_STATE_ACTIVE" number: 1 }
                  value { name: "SPECIMEN_STATE_ENDED" number: 2 } }
      message_type { name: "Specimen" })",
                                                            &file));
  auto* message = file.mutable_message_type(0);
  for (const SpecimenField& field : SpecimenFields()) {
    auto* proto = message->add_field();
    proto->set_name(field.name);
    proto->set_number(message->field_size());
    proto->set_type(field.type);
    if (*field.type_name != '\0') proto->set_type_name(field.type_name);
    const bool repeated = field.label == SpecimenField::kRepeated;
    proto->set_label(repeated ? proto->LABEL_REPEATED : proto->LABEL_OPTIONAL);
    auto* rule = proto->mutable_options()->MutableExtension(options::v1::field);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(field.rule, rule)) << field.name;
    if (field.label != SpecimenField::kOptional) continue;
    proto->set_proto3_optional(true);
    proto->set_oneof_index(message->oneof_decl_size());
    message->add_oneof_decl()->set_name(std::string("_") + field.name);
  }
  return file;
}

class Specimen {
 public:
  static const Specimen& Get() {
    static const auto* specimen = new Specimen();
    return *specimen;
  }
  const contract::Resource& resource() const { return resource_; }

  // From protobuf's text format.
  std::unique_ptr<contract::Message> Make(const std::string& text) const {
    std::unique_ptr<contract::Message> message(resource_.prototype->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }

 private:
  Specimen() : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
    // Imported by name only, so nothing else links them in.
    (void)type::v1::ExternalId::descriptor();
    (void)google::protobuf::Timestamp::descriptor();
    const auto* built = pool_.BuildFile(SpecimenFile());
    if (built == nullptr) std::abort();
    resource_.descriptor = built->FindMessageTypeByName("Specimen");
    factory_.SetDelegateToGeneratedFactory(true);
    resource_.prototype = factory_.GetPrototype(resource_.descriptor);
    resource_.kind = "specimen";
    for (int i = 0; i < resource_.descriptor->field_count(); ++i) AddField(resource_.descriptor->field(i));
    resource_.id = resource_.Find("id");
    resource_.revision = resource_.Find("revision");
    resource_.etag = resource_.Find("etag");
    resource_.create_time = resource_.Find("create_time");
    resource_.update_time = resource_.Find("update_time");
    resource_.delete_time = resource_.Find("delete_time");
    resource_.external_ids = resource_.Find("external_ids");
  }

  void AddField(const contract::FieldDescriptor* descriptor) {
    using contract::Column;
    contract::Field field;
    field.descriptor = descriptor;
    field.rule = &descriptor->options().GetExtension(options::v1::field);
    field.name = descriptor->name();
    field.column = ColumnOf(*descriptor, *field.rule);
    field.array = descriptor->is_repeated() && field.column != Column::kJsonb;
    field.nullable = !field.array && (descriptor->has_presence() || field.column == Column::kDate ||
                                      (field.column == Column::kUuid && field.name != "id"));
    resource_.fields.push_back(field);
  }

  static contract::Column ColumnOf(const contract::FieldDescriptor& descriptor,
                                   const options::v1::FieldRule& rule) {
    using contract::Column;
    using contract::FieldDescriptor;
    if (rule.computed()) return Column::kNone;
    if (rule.format() == options::v1::FORMAT_DATE) return Column::kDate;
    if (rule.format() == options::v1::FORMAT_UUID || descriptor.name() == "id") return Column::kUuid;
    switch (descriptor.type()) {
      case FieldDescriptor::TYPE_BYTES:
        return Column::kBytea;
      case FieldDescriptor::TYPE_INT32:
        return Column::kInteger;
      case FieldDescriptor::TYPE_INT64:
        return Column::kBigint;
      case FieldDescriptor::TYPE_DOUBLE:
        return Column::kDouble;
      case FieldDescriptor::TYPE_BOOL:
        return Column::kBoolean;
      case FieldDescriptor::TYPE_ENUM:
        return Column::kEnum;
      case FieldDescriptor::TYPE_MESSAGE:
        return descriptor.message_type()->name() == "Timestamp" ? Column::kTimestamp : Column::kJsonb;
      default:
        return Column::kText;
    }
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  contract::Resource resource_;
};

}  // namespace lianqiao::store
