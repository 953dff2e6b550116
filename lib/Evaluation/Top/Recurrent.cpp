// Evaluation of Top ops: recurrent layers.
#include "tpu_mlir/Kernels/Recurrent.h"
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopRecurrent.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

/// Strides of the result that has every step: [steps, directions, batch, hidden] unless the flags say otherwise.
static kernels::RecurrentStrides outStrides(const kernels::RecurrentLayer &layer, bool batchFirst,
                                            bool directionsLast) {
  const int64_t hidden = layer.hidden, directions = layer.directions;
  if (batchFirst)
    return {directions * hidden, hidden, layer.steps * directions * hidden};
  if (directionsLast)
    return {layer.batch * directions * hidden, hidden, directions * hidden};
  return {directions * layer.batch * hidden, layer.batch * hidden, hidden};
}

static const float *valuesOf(const Tensor &tensor) { return tensor.empty() ? nullptr : tensor.data<float>(); }

template <typename OpTy> static LogicalResult evaluateRecurrent(OpTy op, Call &call) {
  constexpr bool isLstm = std::is_same_v<OpTy, top::LSTMOp>;
  const Tensor in = call.floats(size_t{0}), filter = call.floats(op.getFilter()),
               recurrence = call.floats(op.getRecurrence()), bias = call.floats(op.getBias()),
               initialH = call.floats(op.getInitialH());
  Tensor initialC, continuation;
  const bool first = op.getBatchFirst();
  kernels::RecurrentLayer layer;
  layer.steps = in.dim(first);
  layer.batch = in.dim(!first);
  layer.input = in.dim(2);
  layer.hidden = op.getHiddenSize();
  layer.directions = op.getBidirectional() ? 2 : 1;
  layer.in = in.data<float>();
  layer.inStrides = first ? kernels::RecurrentStrides{layer.input, 0, layer.steps * layer.input}
                          : kernels::RecurrentStrides{layer.batch * layer.input, 0, layer.input};
  layer.filter = filter.data<float>();
  layer.recurrence = recurrence.data<float>();
  layer.bias = valuesOf(bias);
  layer.initialH = valuesOf(initialH);
  if constexpr (isLstm) {
    initialC = call.floats(op.getInitialC());
    continuation = call.floats(op.getCont());
    layer.initialC = valuesOf(initialC);
    layer.continuation = valuesOf(continuation);
  } else {
    layer.cell = op.getLinearBeforeReset() ? kernels::RecurrentCell::GruLinearFirst : kernels::RecurrentCell::Gru;
  }
  layer.stateStrides = first ? kernels::RecurrentStrides{0, layer.hidden, layer.directions * layer.hidden}
                             : kernels::RecurrentStrides{0, layer.batch * layer.hidden, layer.hidden};
  std::vector<Tensor> results;
  float **wanted[] = {&layer.out, &layer.lastH, &layer.lastC};
  for (unsigned i = 0; i < op->getNumResults(); ++i) {
    results.push_back(call.isWanted(i) ? call.floatResult(i) : Tensor());
    *wanted[i] = results[i].empty() ? nullptr : results[i].data<float>();
  }
  layer.outStrides = outStrides(layer, first, top::hasTorchLayout(op));
  kernels::recurrent(layer);
  for (Tensor &result : results)
    if (failed(result.empty() ? call.finishAsIs(Tensor()) : call.finish(std::move(result))))
      return failure();
  return success();
}

void evaluation::attachTopRecurrentModels(MLIRContext &context) {
  attach<top::LSTMOp, evaluateRecurrent<top::LSTMOp>>(context);
  attach<top::GRUOp, evaluateRecurrent<top::GRUOp>>(context);
}
