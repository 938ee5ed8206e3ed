# The four things a folder may declare: a message package, a library, a program, a test binary.
# Header paths are rooted at the repository ("libs/base/status.h", "lianqiao/registry/v1/alliance.pb.h").

set(LIANQIAO_WARNINGS -Wall -Wextra -Werror -Wno-unused-parameter)
# Optimising, GCC 12 finds overlaps in `"text" + string` that are not there (GCC bug 105651).
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  list(APPEND LIANQIAO_WARNINGS -Wno-restrict)
endif()
set(LIANQIAO_GENERATED ${CMAKE_BINARY_DIR}/gen)

function(lianqiao_flags target)
  target_compile_options(${target} PRIVATE ${LIANQIAO_WARNINGS})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  if(LIANQIAO_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize=vptr
      -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()

# lianqiao_protos(<name> PROTOS a/b.proto … DEPS <name> …): generated messages of one package, -O1, never
# sanitised, no warnings, no generated service code (libs/rpc binds by name).
function(lianqiao_protos name)
  cmake_parse_arguments(ARG "" "" "PROTOS;DEPS" ${ARGN})
  set(sources)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(out ${LIANQIAO_GENERATED}/${stem}.pb)
    add_custom_command(
      OUTPUT ${out}.cc ${out}.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${LIANQIAO_GENERATED}
      COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/proto --cpp_out=${LIANQIAO_GENERATED} ${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto}
      COMMENT "protoc ${proto}")
    list(APPEND sources ${out}.cc)
    list(APPEND headers ${out}.h)
  endforeach()
  set(archive lianqiao_proto_${name}_archive)
  add_library(${archive} STATIC ${sources})
  target_compile_options(${archive} PRIVATE -O1 -g0 -w)
  target_include_directories(${archive} SYSTEM PUBLIC ${LIANQIAO_GENERATED})
  target_link_libraries(${archive} PUBLIC protobuf::libprotobuf)
  # Whoever links a package gets all of its files: the contract is read from the generated pool, and the
  # linker would leave out what no code names.
  add_library(lianqiao_proto_${name} INTERFACE)
  target_link_libraries(lianqiao_proto_${name} INTERFACE $<LINK_LIBRARY:WHOLE_ARCHIVE,${archive}>)
  foreach(dep ${ARG_DEPS})
    target_link_libraries(lianqiao_proto_${name} INTERFACE lianqiao_proto_${dep})
    target_include_directories(${archive} SYSTEM PUBLIC ${LIANQIAO_GENERATED})
    add_dependencies(${archive} lianqiao_proto_${dep}_archive)
  endforeach()
endfunction()

# lianqiao_library(<name> SOURCES … DEPS …): libs/<name> or services/<name>, linked as lianqiao_<name>.
function(lianqiao_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(lianqiao_${name} STATIC ${ARG_SOURCES})
  lianqiao_flags(lianqiao_${name})
  target_link_libraries(lianqiao_${name} PUBLIC ${ARG_DEPS})
endfunction()

# lianqiao_program(<name> SOURCES … DEPS …): one executable in <build>/bin.
function(lianqiao_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  lianqiao_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

# lianqiao_test(<name> LABEL unit|pg|gate|e2e|fuzz SOURCES … DEPS … [SECONDS n]): one binary, one ctest entry.
function(lianqiao_test name)
  cmake_parse_arguments(ARG "" "LABEL;SECONDS" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  lianqiao_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  if(NOT ARG_SECONDS)
    set(ARG_SECONDS 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_SECONDS})
endfunction()

# lianqiao_migrations(<target> <function> FOLDER <dir>): the folder's *.sql compiled into <target> as
# `std::vector<lianqiao::postgres::Migration> <function>()`, so that a binary carries its own schema.
function(lianqiao_migrations target function)
  cmake_parse_arguments(ARG "" "FOLDER" "" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS ${ARG_FOLDER}/*.sql)
  set(out ${LIANQIAO_GENERATED}/migrations/${target}_${function}.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DFUNCTION=${function} "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/tools/cmake/embed_migrations.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/cmake/embed_migrations.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
