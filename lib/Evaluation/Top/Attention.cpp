// Evaluation of Top ops: attention, rotary positions, and ops that carry a state along a sequence.
#include "FeedForward.h"

#include "tpu_mlir/Kernels/Attention.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Support/Parallel.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

// One operand of attention: where the matrix of an index of the batch axes starts, and how its rows lie.
struct HeadOperand {
  float *data = nullptr;
  Extents strides; // per batch axis
  int64_t row = 0, column = 1;
};

class BatchedHeads : public kernels::AttentionHeads {
public:
  Extents batch;
  HeadOperand query, key, value, mask, out, logarithm;

  int64_t count() const {
    int64_t product = 1;
    for (int64_t extent : batch)
      product *= extent;
    return product;
  }

  kernels::AttentionHead get(int64_t index) const override {
    kernels::AttentionHead head{at(query, index), at(key, index), at(value, index), query.row, key.row, value.row};
    head.mask = at(mask, index);
    head.maskRow = mask.row;
    head.maskColumn = mask.column;
    head.out = at(out, index);
    head.outRow = out.row;
    head.logarithm = at(logarithm, index);
    head.logarithmRow = logarithm.row;
    return head;
  }

private:
  float *at(const HeadOperand &operand, int64_t index) const {
    int64_t offset = 0;
    if (!operand.data)
      return nullptr;
    for (size_t axis = batch.size(); axis-- > 0; index /= batch[axis])
      offset += index % batch[axis] * operand.strides[axis];
    return operand.data + offset;
  }
};

} // namespace

static float *dataOf(const Tensor &tensor) {
  return tensor.empty() ? nullptr : const_cast<float *>(tensor.data<float>());
}

// Strides by which a tensor is read as one of the shape that it broadcasts to.
static Extents broadcastStrides(const Extents &own, const Extents &shape) {
  Extents strides(shape.size(), 0);
  int64_t stride = 1;
  for (size_t i = 0; i < own.size(); ++i) {
    const size_t axis = own.size() - 1 - i;
    strides[shape.size() - 1 - i] = own[axis] == 1 ? 0 : stride;
    stride *= own[axis];
  }
  return strides;
}

// An operand whose last two axes are the matrix and whose others broadcast to the batch.
static HeadOperand matrixOperand(const Tensor &tensor, const Extents &batch) {
  if (tensor.empty())
    return {};
  Extents shape = batch, own = tensor.shape();
  while (own.size() < 2)
    own.insert(own.begin(), 1);
  shape.insert(shape.end(), {own[own.size() - 2], own.back()});
  HeadOperand operand{dataOf(tensor), broadcastStrides(own, shape)};
  operand.column = operand.strides.back();
  operand.row = operand.strides[batch.size()];
  operand.strides.resize(batch.size());
  return operand;
}

static LogicalResult evaluateScaledDotProduct(top::ScaleDotProductAttentionOp op, Call &call) {
  const Tensor query = call.floats(op.getQuery()), key = call.floats(op.getKey()), value = call.floats(op.getValue());
  const Tensor mask = call.floats(op.getMask());
  Tensor out = call.floatResult();
  BatchedHeads heads;
  heads.batch.assign(out.shape().begin(), out.shape().end() - 2);
  heads.query = matrixOperand(query, heads.batch);
  heads.key = matrixOperand(key, heads.batch);
  heads.value = matrixOperand(value, heads.batch);
  heads.mask = matrixOperand(mask, heads.batch);
  heads.out = matrixOperand(out, heads.batch);
  // An extent of 1 has no stride; the kernels want one all the same.
  const kernels::AttentionExtents extents{query.dim(-2), key.dim(-2), query.dim(-1), value.dim(-1)};
  heads.query.row = extents.depth;
  heads.key.row = extents.depth;
  heads.value.row = heads.out.row = extents.width;
  if (extents.keys == 0)
    return call.refuse("has no keys to attend to");
  double scale = op.getScale().convertToDouble();
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(extents.depth));
  kernels::attention(heads.count(), extents, static_cast<float>(scale), op.getIsCausal(), heads);
  return call.finish(std::move(out));
}

namespace {
// [batch, queries, queryHeads, depth], keys and values with fewer heads, of another length and width.
struct HeadLayout {
  int64_t batch, queryHeads, keyHeads;
  kernels::AttentionExtents extents;
};
} // namespace

// The batch axes are batch, heads of the keys, and heads of the queries per head of the keys.
static BatchedHeads headsOf(const HeadLayout &layout, const Tensor &query, const Tensor &key, const Tensor &value,
                            const Tensor &mask, Tensor &out, Tensor *logarithm) {
  const auto &[queries, keys, depth, width] = layout.extents;
  const int64_t group = layout.queryHeads / layout.keyHeads, heads = layout.queryHeads;
  auto inner = [&](const Tensor &tensor, int64_t rows, int64_t count, int64_t perHead, int64_t columns) {
    return HeadOperand{
        dataOf(tensor), {rows * count * columns, perHead * columns, count == heads ? columns : 0}, count * columns};
  };
  BatchedHeads made;
  made.batch = {layout.batch, layout.keyHeads, group};
  made.query = inner(query, queries, heads, group, depth);
  made.out = inner(out, queries, heads, group, width);
  made.key = inner(key, keys, layout.keyHeads, 1, depth);
  made.value = inner(value, keys, layout.keyHeads, 1, width);
  if (logarithm)
    made.logarithm = inner(*logarithm, queries, heads, group, 1);
  if (!mask.empty()) {
    Extents strides = broadcastStrides(mask.shape(), {layout.batch, heads, queries, keys});
    made.mask = {dataOf(mask), {strides[0], strides[1] * group, strides[1]}, strides[2], strides[3]};
  }
  return made;
}

static LogicalResult evaluateHeads(Call &call, const HeadLayout &layout, const Tensor &mask, double scale,
                                   bool withLogarithm) {
  const Tensor query = call.floats(size_t{0}), key = call.floats(size_t{1}), value = call.floats(size_t{2});
  Tensor out = call.floatResult(), logarithm = withLogarithm ? call.floatResult(1) : Tensor();
  BatchedHeads heads = headsOf(layout, query, key, value, mask, out, withLogarithm ? &logarithm : nullptr);
  kernels::attention(heads.count(), layout.extents, static_cast<float>(scale), false, heads);
  if (failed(call.finish(std::move(out))))
    return failure();
  return withLogarithm ? call.finish(std::move(logarithm)) : success();
}

template <typename OpTy> static LogicalResult evaluateFAttention(OpTy op, Call &call) {
  const auto dim = static_cast<int64_t>(op.getDim());
  const HeadLayout layout{static_cast<int64_t>(op.getBatch()),
                          static_cast<int64_t>(op.getQHead()),
                          static_cast<int64_t>(op.getKvHead()),
                          {static_cast<int64_t>(op.getMq()), static_cast<int64_t>(op.getMk()), dim, dim}};
  return evaluateHeads(call, layout, call.floats(op.getMask()), op.getScale().convertToDouble(),
                       op->getNumResults() == 2);
}

static LogicalResult evaluateFlexAttention(top::FlexAttentionOp op, Call &call) {
  const HeadLayout layout{static_cast<int64_t>(op.getBatch()),
                          static_cast<int64_t>(op.getQHead()),
                          static_cast<int64_t>(op.getKvHead()),
                          {static_cast<int64_t>(op.getMq()), static_cast<int64_t>(op.getMk()),
                           static_cast<int64_t>(op.getQkD()), static_cast<int64_t>(op.getVD())}};
  return evaluateHeads(call, layout, call.floats(op.getMask()), op.getScale().convertToDouble(), true);
}

// Rows of `input` times a matrix [inner, columns], plus a bias.
static Tensor project(const Tensor &input, const Tensor &weight, const Tensor &bias) {
  Extents shape = input.shape();
  const int64_t inner = shape.back();
  shape.back() = weight.dim(-1);
  Tensor out(ElementType::F32, shape);
  multiplyRows(input.data<float>(), inner == 0 ? 0 : input.elements() / inner, inner, weight.data<float>(),
               weight.dim(-1), /*transposed=*/false, bias.empty() ? nullptr : bias.data<float>(), out.data<float>());
  return out;
}

static LogicalResult evaluateAttention(top::AttentionOp op, Call &call) {
  const Tensor query =
      project(call.floats(op.getInput()), call.floats(op.getQueriesWeight()), call.floats(op.getQueriesBias()));
  const Tensor key = project(call.floats(op.getKeys()), call.floats(op.getKeysWeight()), call.floats(op.getKeysBias()));
  const Tensor value =
      project(call.floats(op.getValues()), call.floats(op.getValuesWeight()), call.floats(op.getValuesBias()));
  const auto head = static_cast<int64_t>(op.getHead());
  const int64_t dim = query.dim(-1) / head;
  if (key.dim(1) == 0)
    return call.refuse("has no keys to attend to");
  const HeadLayout layout{query.dim(0), head, head, {query.dim(1), key.dim(1), dim, dim}};
  Tensor joined(ElementType::F32, query.shape());
  BatchedHeads heads = headsOf(layout, query, key, value, call.floats(op.getMask()), joined, nullptr);
  kernels::attention(heads.count(), layout.extents, static_cast<float>(op.getScale().convertToDouble()), false, heads);
  return call.finish(project(joined, call.floats(op.getOutWeight()), call.floats(op.getOutBias())));
}

// One row: pairs of neighbours, or of elements half a row apart.
static void rotate(const float *in, const float *sine, const float *cosine, int64_t count, bool neighbours,
                   float *out) {
  const int64_t half = count / 2;
  for (int64_t i = 0; i < half; ++i) {
    const int64_t a = neighbours ? 2 * i : i, b = neighbours ? 2 * i + 1 : i + half;
    out[a] = in[a] * cosine[a] - in[b] * sine[a];
    out[b] = in[b] * cosine[b] + in[a] * sine[b];
  }
}

static LogicalResult evaluateRope(top::RopeOp op, Call &call) {
  const Tensor in = call.floats(op.getInput1());
  Tensor sine = call.floats(op.getInput2()), cosine = call.floats(op.getInput3()), out = call.floatResult();
  if (op.getIsPermuteOptimize())
    for (Tensor *table : {&sine, &cosine})
      *table = table->reshaped({table->dim(0), 1, table->dim(1)});
  const Extents &shape = in.shape();
  const Extents sineStrides = broadcastStrides(sine.shape(), shape),
                cosineStrides = broadcastStrides(cosine.shape(), shape);
  const int64_t width = shape.back(), rows = width == 0 ? 0 : in.elements() / width;
  const bool neighbours = op.getRopeMode() == "interleaved_pairs";
  parallelFor(rows, std::max<int64_t>(1, 8192 / std::max<int64_t>(width, 1)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t sineAt = 0, cosineAt = 0, index = row;
      for (size_t axis = shape.size() - 1; axis-- > 0; index /= shape[axis]) {
        sineAt += index % shape[axis] * sineStrides[axis];
        cosineAt += index % shape[axis] * cosineStrides[axis];
      }
      rotate(in.data<float>() + row * width, sine.data<float>() + sineAt, cosine.data<float>() + cosineAt, width,
             neighbours, out.data<float>() + row * width);
    }
  });
  return call.finish(std::move(out));
}

static LogicalResult evaluateSelectiveScan(top::SelectiveScanOp op, Call &call) {
  const Tensor c = call.floats(op.getCs()), a = call.floats(op.getDeltaA()), b = call.floats(op.getDeltaBU());
  const Tensor us = call.floats(op.getUs()), skip = call.floats(op.getDs());
  Tensor out = call.floatResult();
  const int64_t positions = c.dim(0), channels = c.dim(1), states = c.dim(2), batch = c.dim(3), size = states * batch;
  parallelFor(channels, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> h(size);
    for (int64_t channel = begin; channel < end; ++channel) {
      kernels::selectiveScan({a.data<float>() + channel * size, b.data<float>() + channel * size,
                              c.data<float>() + channel * size, h.data(), out.data<float>() + channel * batch,
                              channels * size, channels * batch},
                             positions, states, batch);
      for (int64_t l = 0; !skip.empty() && l < positions; ++l)
        for (int64_t i = 0; i < batch; ++i) {
          const int64_t at = (l * channels + channel) * batch + i;
          out.data<float>()[at] += skip.data<float>()[channel] * us.data<float>()[at];
        }
    }
  });
  return call.finish(std::move(out));
}

template <typename OpTy> static LogicalResult evaluateDeltaRule(OpTy op, Call &call) {
  const Tensor query = call.floats(op.getQuery()), key = call.floats(op.getKey()), value = call.floats(op.getValue());
  const Tensor gate = call.floats(op.getG()), beta = call.floats(op.getBeta());
  Tensor state = call.floats(op.getRecurrentState()).clone(), out = call.floatResult();
  const int64_t batch = value.dim(0), positions = value.dim(1), heads = value.dim(2), d = value.dim(3);
  const int64_t keyHeads = query.dim(2), group = heads / keyHeads;
  parallelFor(batch * heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / heads, head = i % heads;
      const int64_t keyAt = (b * positions * keyHeads + head / group) * d, valueAt = (b * positions * heads + head) * d;
      const int64_t gateAt = b * positions * heads + head;
      kernels::gatedDeltaRule({query.data<float>() + keyAt, key.data<float>() + keyAt, value.data<float>() + valueAt,
                               gate.data<float>() + gateAt, beta.data<float>() + gateAt, keyHeads * d, heads * d, heads,
                               state.data<float>() + i * d * d, out.data<float>() + valueAt},
                              positions, d, static_cast<float>(op.getScale().convertToDouble()), op.getUseQkL2norm());
    }
  });
  return call.finish(std::move(out));
}

void evaluation::attachTopAttentionModels(MLIRContext &context) {
  attach<top::ScaleDotProductAttentionOp, evaluateScaledDotProduct>(context);
  attach<top::AttentionOp, evaluateAttention>(context);
  attach<top::FAttentionOp, evaluateFAttention<top::FAttentionOp>>(context);
  attach<top::FAttentionLseOp, evaluateFAttention<top::FAttentionLseOp>>(context);
  attach<top::FlexAttentionOp, evaluateFlexAttention>(context);
  attach<top::RopeOp, evaluateRope>(context);
  attach<top::SelectiveScanOp, evaluateSelectiveScan>(context);
  attach<top::ChunkGatedDeltaRuleOp, evaluateDeltaRule<top::ChunkGatedDeltaRuleOp>>(context);
  attach<top::RecurrentGatedDeltaRuleOp, evaluateDeltaRule<top::RecurrentGatedDeltaRuleOp>>(context);
  attachTopFeedForwardModels(context);
}
