// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/api_descriptors.h"

// CMake makes the file; the assembler takes it in as it is.
asm(".section .rodata\n"
    ".global lianqiao_api_descriptors\n"
    ".global lianqiao_api_descriptors_end\n"
    "lianqiao_api_descriptors:\n"
    ".incbin \"" LIANQIAO_API_DESCRIPTORS
    "\"\n"
    "lianqiao_api_descriptors_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char lianqiao_api_descriptors[];
extern "C" const char lianqiao_api_descriptors_end[];

namespace lianqiao::gateway {

std::string ApiDescriptors() {
  return std::string(lianqiao_api_descriptors, lianqiao_api_descriptors_end - lianqiao_api_descriptors);
}

}  // namespace lianqiao::gateway
