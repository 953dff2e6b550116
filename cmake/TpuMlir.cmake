# Build helpers: one room of the source tree is one static library.
#
#   tpu_core_library(NAME [DEPS lib...])   a room that does not include MLIR headers
#   tpu_mlir_library(NAME [DEPS lib...] [PCH mlir|ops|none])   a room that does
# Both take every *.cpp of the calling directory (and of its "parts" given with SUBDIRS).
# Files named *.simd.cpp are compiled once per instruction set (see tpu_simd_sources).

set_property(GLOBAL PROPERTY TPU_CORE_LIBS)
set_property(GLOBAL PROPERTY TPU_MLIR_LIBS)

add_library(tpu_options INTERFACE)
target_compile_features(tpu_options INTERFACE cxx_std_20)
target_include_directories(tpu_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
target_include_directories(tpu_options SYSTEM INTERFACE ${LLVM_PREFIX}/include)
target_compile_definitions(tpu_options INTERFACE _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
target_compile_options(tpu_options INTERFACE -Wall -Wextra -Wno-unused-parameter -ffunction-sections -fdata-sections
  $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique> $<$<CXX_COMPILER_ID:GNU>:-Wno-comment>)
if(TPU_MLIR_WERROR)
  target_compile_options(tpu_options INTERFACE -Werror)
endif()

# A file x.simd.cpp is compiled for the baseline and, on x86-64, for AVX2 and AVX-512, each with
# TPU_SIMD_NAMESPACE set to simd_baseline, simd_avx2 or simd_avx512 and TPU_SIMD_LEVEL to 0, 1 or 2.
# tpu_mlir/Support/Simd.h chooses one at run time. No variant contracts a*b+c on its own.
function(tpu_simd_sources target)
  foreach(src ${ARGN})
    get_filename_component(name ${src} NAME_WE)
    set(levels "baseline|0|")
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      list(APPEND levels "avx2|1|-mavx2 -mfma -mf16c"
        "avx512|2|-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c -mprefer-vector-width=512")
    endif()
    foreach(level ${levels})
      string(REPLACE "|" ";" parts "${level}")
      list(GET parts 0 ns)
      list(GET parts 1 number)
      list(LENGTH parts count)
      set(flags "")
      if(count GREATER 2)
        list(GET parts 2 flags)
      endif()
      separate_arguments(flags)
      add_library(${target}_${name}_${ns} OBJECT ${src})
      target_link_libraries(${target}_${name}_${ns} PRIVATE tpu_options)
      target_compile_definitions(${target}_${name}_${ns} PRIVATE TPU_SIMD_NAMESPACE=simd_${ns} TPU_SIMD_LEVEL=${number})
      target_compile_options(${target}_${name}_${ns} PRIVATE -O3 -ffp-contract=off -Wno-psabi ${flags})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${name}_${ns}>)
    endforeach()
  endforeach()
endfunction()

macro(_tpu_room name)
  cmake_parse_arguments(ROOM "" "PCH" "DEPS;SUBDIRS" ${ARGN})
  file(GLOB _sources CONFIGURE_DEPENDS *.cpp)
  foreach(_dir ${ROOM_SUBDIRS})
    file(GLOB _more CONFIGURE_DEPENDS ${_dir}/*.cpp)
    list(APPEND _sources ${_more})
  endforeach()
  set(_simd ${_sources})
  list(FILTER _simd INCLUDE REGEX "\\.simd\\.cpp$")
  list(FILTER _sources EXCLUDE REGEX "\\.simd\\.cpp$")
  if(NOT _sources AND NOT _simd)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp "")
    set(_sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(${name} STATIC ${_sources})
  target_link_libraries(${name} PUBLIC tpu_options ${ROOM_DEPS})
  tpu_simd_sources(${name} ${_simd})
endmacro()

function(tpu_core_library name)
  _tpu_room(${name} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY TPU_CORE_LIBS ${name})
endfunction()

function(tpu_mlir_library name)
  _tpu_room(${name} ${ARGN})
  add_dependencies(${name} tpu_tablegen)
  if("${ROOM_PCH}" STREQUAL "mlir")
    target_precompile_headers(${name} REUSE_FROM tpu_pch_mlir)
  elseif("${ROOM_PCH}" STREQUAL "ops")
    target_precompile_headers(${name} REUSE_FROM tpu_pch_ops)
  endif()
  set_property(GLOBAL APPEND PROPERTY TPU_MLIR_LIBS ${name})
endfunction()

# tpu_tablegen(<out> <td> <args...>): out relative to the build's include folder, td to the source's.
function(tpu_tablegen out td)
  set(generated ${PROJECT_BINARY_DIR}/include/${out})
  get_filename_component(dir ${generated} DIRECTORY)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(OUTPUT ${generated}
    COMMAND ${MLIR_TBLGEN} ${ARGN} -I ${PROJECT_SOURCE_DIR}/include -I ${LLVM_PREFIX}/include
      ${PROJECT_SOURCE_DIR}/include/${td} --write-if-changed -o ${generated} -d ${generated}.d
    DEPENDS ${PROJECT_SOURCE_DIR}/include/${td} DEPFILE ${generated}.d VERBATIM)
  set_property(GLOBAL APPEND PROPERTY TPU_GENERATED ${generated})
endfunction()

# tpu_unit_test(NAME sources... [DEPS libs...]): a GoogleTest binary known to ctest.
function(tpu_unit_test name)
  cmake_parse_arguments(T "" "" "DEPS" ${ARGN})
  if(NOT TPU_MLIR_TESTS)
    return()
  endif()
  add_executable(${name} ${T_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE tpu_options ${T_DEPS} GTest::gtest GTest::gtest_main)
  set_property(GLOBAL APPEND PROPERTY TPU_UNIT_TESTS ${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# tpu_op_shards(<target> <Dialect> <count>): compiles the op definitions of a dialect in parts, to bound time and memory.
function(tpu_op_shards target dialect count)
  string(TOLOWER ${dialect} lower)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    set(shard ${CMAKE_CURRENT_BINARY_DIR}/${dialect}Shard${i}.cpp)
    file(CONFIGURE OUTPUT ${shard} CONTENT
      "#include \"tpu_mlir/Dialect/${dialect}/IR/${dialect}Ops.h\"\nusing namespace mlir;\n#define GET_OP_DEFS_${i}\n#include \"tpu_mlir/Dialect/${dialect}/IR/${dialect}Ops.cpp.inc\"\n")
    target_sources(${target} PRIVATE ${shard})
  endforeach()
endfunction()

# Families of Top ops beyond the core: Top<Family>.td and Top<Family>.h in include/tpu_mlir/Dialect/Top/IR.
set(TPU_TOP_FAMILIES Math Indexing Tensor Control Recurrent Norm Sampling Training Attention Quant Image Detection)

# tpu_top_families(<target>): compiles the op definitions of each family and the function that registers all of them.
function(tpu_top_families target)
  set(declarations "")
  set(calls "")
  foreach(F ${TPU_TOP_FAMILIES})
    set(source ${CMAKE_CURRENT_BINARY_DIR}/Top${F}Ops.cpp)
    set(header tpu_mlir/Dialect/Top/IR/Top${F})
    file(CONFIGURE OUTPUT ${source} CONTENT
      "#include \"${header}.h\"\nusing namespace mlir;\n#define GET_OP_CLASSES\n#include \"${header}.cpp.inc\"\nnamespace tpu_mlir::top {\nvoid register${F}Ops(TopDialect &dialect) {\n  dialect.registerOps<\n#define GET_OP_LIST\n#include \"${header}.cpp.inc\"\n  >();\n}\n} // namespace tpu_mlir::top\n")
    target_sources(${target} PRIVATE ${source})
    string(APPEND declarations "void register${F}Ops(TopDialect &dialect);\n")
    string(APPEND calls "  register${F}Ops(dialect);\n")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/TopFamilies.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT
    "#include \"tpu_mlir/Dialect/Top/IR/TopOps.h\"\nnamespace tpu_mlir::top {\n${declarations}void registerFamilies(TopDialect &dialect);\nvoid registerFamilies(TopDialect &dialect) {\n${calls}}\n} // namespace tpu_mlir::top\n")
  target_sources(${target} PRIVATE ${source})
endfunction()
