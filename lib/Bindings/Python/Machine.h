// Registers the simulator's machine, program analysis and model runner as submodule `simulator`.
#pragma once
#include "tpu_mlir/Simulator/ModelRunner.h"

#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
/// The totals of a cycle report by name: cycles at 1 GHz, bytes of global memory, instructions.
pybind11::dict toDict(const sim::CycleReport &report);

void bindMachine(pybind11::module_ &parent);
} // namespace tpu_mlir::python
