// Evaluation of Top ops: normalizations beyond the core.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopNormModels(MLIRContext &context) {}
