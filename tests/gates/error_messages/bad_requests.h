// SPDX-License-Identifier: Apache-2.0
// Requests that must be refused. Only for this gate.
#pragma once

#include <string>
#include <vector>

namespace lianqiao::gates {

struct BadRequest {
  std::string what;
  std::string method;   // "OrganisationService/CreateOrganisation"
  std::string request;  // Text format; $name$ is an id of the fixture, $x101$ a text of 101 characters.
  std::string token = "operator";
};

const std::vector<BadRequest>& BadRequests();

// Its families, file by file: fact_requests.cc,
std::vector<BadRequest> BadCalendars();
std::vector<BadRequest> BadFacts();
std::vector<BadRequest> BadPlaces();
std::vector<BadRequest> BadRestructurings();
// paper_requests.cc.
std::vector<BadRequest> BadAgreements();
std::vector<BadRequest> BadFilings();
std::vector<BadRequest> BadPlans();
std::vector<BadRequest> BadMoneyAndProjects();
std::vector<BadRequest> BadGovernance();

}  // namespace lianqiao::gates
