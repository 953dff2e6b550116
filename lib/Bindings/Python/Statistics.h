// Registers the statistics of calibration.
#pragma once
#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
void bindStatistics(pybind11::module_ &m);
} // namespace tpu_mlir::python
