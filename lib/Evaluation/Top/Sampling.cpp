// Evaluation of Top ops: pooling, sampling and correlation beyond the core.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopSampling.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopSamplingModels(MLIRContext &context) {}
