// Evaluation of Top ops: attention, feed-forward and state-space blocks.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopAttentionModels(MLIRContext &context) {}
