// Registers the simulator's classes and functions in a Python module.
#pragma once
#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
void bindSimulator(pybind11::module_ &module);
} // namespace tpu_mlir::python
