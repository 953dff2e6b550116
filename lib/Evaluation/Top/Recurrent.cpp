// Evaluation of Top ops: recurrent layers.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopRecurrent.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopRecurrentModels(MLIRContext &context) {}
