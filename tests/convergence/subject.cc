// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/subject.h"

#include "services/alliance-registry/registry.h"
#include "services/teacher-exchange/exchange.h"

namespace lianqiao::convergence {

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
      {"registry.*"}};
  return subject;
}

const Subject& ExchangeSubject() {
  static const Subject subject = {"exchange",
                                  "lianqiao.exchange.v1",
                                  "teacher_exchange",
                                  ::lianqiao::exchange::ExchangeDefinition,
                                  {"teacher", "assignment"},
                                  {{"teacher", "person_ref", "name"}, {"assignment", "tasks", "tasks"}},
                                  {"SELECT * FROM teacher ORDER BY random() LIMIT 3 FOR UPDATE",
                                   "SELECT * FROM feed_head ORDER BY random() LIMIT 1 FOR UPDATE",
                                   "SELECT * FROM registry_organisation ORDER BY random() LIMIT 2 FOR UPDATE",
                                   "SELECT * FROM registry_consumer_cursor FOR UPDATE"},
                                  {"registry.*", "exchange.*", "exchange.*.approve"}};
  return subject;
}

const Subject* FindSubject(const std::string& name) {
  for (const Subject* subject : {&RegistrySubject(), &ExchangeSubject()})
    if (subject->name == name) return subject;
  return nullptr;
}

}  // namespace lianqiao::convergence
