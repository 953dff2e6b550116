// Evaluation of Top ops: training forms and gradients.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopTraining.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopTrainingModels(MLIRContext &context) {}
