# Writes OUT: the mappings of FILES (separated by |) as a table of name and text.
string(REPLACE "|" ";" files "${FILES}")
set(content "// Made by tools/cli/embed_mappings.cmake from mappings/*.json.\n#pragma once\n\nnamespace lianqiao::cli {\n\n")
string(APPEND content "struct BuiltInMapping {\n  const char* name;\n  const char* text;\n};\n\n")
string(APPEND content "inline constexpr BuiltInMapping kBuiltInMappings[] = {\n")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  # Brackets and semicolons would be taken for lists; hexadecimal survives every text.
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND content "    {\"${name}\", \"${bytes}\"},\n")
endforeach()
string(APPEND content "};\n\n}  // namespace lianqiao::cli\n")
file(WRITE ${OUT} "${content}")
