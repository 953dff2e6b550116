// The facts that profiles are made of.
#pragma once
#include "tpu_mlir/BModel/BModel.h"

#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
/// A stage's instructions as columns of NumPy arrays, with the texts that they share and the maps that the file keeps.
/// Raises when a stream cannot be decoded or its commands wait for each other.
pybind11::dict profileOf(const bmodel::Stage &stage);
} // namespace tpu_mlir::python
