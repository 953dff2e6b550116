// The extension module _tpu_mlir; the Python package tpu_mlir builds its surface on it.
#include "Ir.h"
#include "Machine.h"
#include "Statistics.h"

using namespace tpu_mlir::python;

PYBIND11_MODULE(_tpu_mlir, m) {
  m.doc() = "MLIR core, dialects, passes and tools of tpu-mlir";
  bindContext(m);
  bindTypes(m);
  bindAttributes(m);
  bindStructure(m);
  bindOperations(m);
  bindPasses(m);
  bindTensors(m);
  bindEvaluation(m);
  bindStatistics(m);
  bindSimulator(m);
  bindMachine(m);
  bindPlan(m);
}
