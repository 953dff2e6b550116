// Which build of the program this is, so that files made by another one are not taken for this one's.
#pragma once
#include <string>

namespace tpu_mlir {
/// The linker's id of the executable or library that this code was linked into, in hexadecimal; empty without one.
std::string buildId();
} // namespace tpu_mlir
