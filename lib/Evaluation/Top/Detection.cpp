// Evaluation of Top ops: detection heads and regions of interest.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopDetectionModels(MLIRContext &context) {}
