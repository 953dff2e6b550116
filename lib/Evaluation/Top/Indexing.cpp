// Evaluation of Top ops: selection, search, gathering and scattering.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopIndexingModels(MLIRContext &context) {}
