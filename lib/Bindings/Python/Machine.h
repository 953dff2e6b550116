// Registers the simulator's machine, program analysis and model runner as submodule `simulator`.
#pragma once
#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
void bindMachine(pybind11::module_ &parent);
} // namespace tpu_mlir::python
