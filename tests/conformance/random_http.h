// SPDX-License-Identifier: Apache-2.0
// HTTP requests made up at random from a route: some right, some with a few mistakes, some all wrong. Tests
// only.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "lianqiao/options/v1/options.pb.h"
#include "services/gateway/route_table.h"

namespace lianqiao::conformance {

class RandomHttp {
 public:
  explicit RandomHttp(uint32_t seed) : random_(seed) {}

  struct Call {
    std::string method;
    std::string target;
    std::string headers;  // Each with its end of line; no Authorization, no length.
    std::string body;
  };
  Call Next(const gateway::Route& route);

  // A record that is there: later requests refer to it.
  void Learn(const std::string& kind, const std::string& id) { ids_[kind].push_back(id); }
  // The kind of record that the route answers with; empty if it answers with something else.
  static std::string KindOf(const gateway::Route& route);
  // The text with "$kind$" replaced by the last id of that kind.
  std::string WithIds(const std::string& text) const;

 private:
  using Field = google::protobuf::FieldDescriptor;
  using Type = google::protobuf::Descriptor;
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  bool Wrong() { return Chance(wrong_percent_); }
  template <typename Items>
  std::string OneOf(const Items& items) {
    return std::string(items[random_() % std::size(items)]);
  }
  std::string Id(const std::string& kind);
  std::string Text(const Field& field, const options::v1::FieldRule& rule);
  std::string Scalar(const Field& field);  // Without quotes, as in a query.
  std::string Value(const Field& field, int depth);
  std::string Object(const Type& type, int depth, const Field* but);
  std::string Junk(int depth);
  std::string Query(const gateway::Route& route);
  void AddBody(const gateway::Route& route, Call* call);

  std::mt19937 random_;
  int wrong_percent_ = 0;
  int filled_percent_ = 0;                               // Of the fields that need not be there.
  std::string kind_;                                     // Of the route at hand.
  std::map<std::string, std::vector<std::string>> ids_;  // By kind.
};

}  // namespace lianqiao::conformance
