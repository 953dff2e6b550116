// Evaluation of Top ops: explicit requantization.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopQuant.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopQuantModels(MLIRContext &context) {}
