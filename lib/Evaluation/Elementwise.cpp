// Arithmetic of tensors with broadcasting.
#include "Elementwise.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Arithmetic;

// The shape of two broadcast operands, which the verifier has checked.
static Extents broadcast(const Extents &a, const Extents &b) {
  Extents out(std::max(a.size(), b.size()), 1);
  for (const Extents *shape : {&a, &b})
    for (size_t i = 0; i < shape->size(); ++i) {
      int64_t &extent = out[out.size() - shape->size() + i];
      extent = (*shape)[i] == 1 ? extent : (*shape)[i];
    }
  return out;
}

static Tensor step(Arithmetic arithmetic, const Tensor &a, const Tensor &b) {
  Tensor out(ElementType::F32, broadcast(a.shape(), b.shape()));
  kernels::combine(arithmetic, a.data<float>(), a.shape(), b.data<float>(), b.shape(), out.data<float>(), out.shape());
  return out;
}

static Tensor scalar(double value) {
  Tensor tensor(ElementType::F32, {1});
  *tensor.data<float>() = static_cast<float>(value);
  return tensor;
}

static bool isExtremum(Arithmetic arithmetic) { return arithmetic == Arithmetic::Max || arithmetic == Arithmetic::Min; }

LogicalResult evaluation::evaluateChain(Call &call, Arithmetic arithmetic, std::optional<ArrayAttr> coefficients,
                                        bool reverse, const kernels::Limits &limits) {
  const size_t count = call.operandCount();
  if (coefficients && !*coefficients)
    coefficients.reset();
  if (count == 0 || (reverse && count != 2) || (coefficients && coefficients->size() != count))
    return call.refuse("has an unexpected number of operands or coefficients");
  std::vector<Tensor> terms;
  bool native = count <= 2 && arithmetic != Arithmetic::Divide;
  for (size_t i = 0; i < count; ++i) {
    Tensor term = call.floats(i);
    const double factor = coefficients ? cast<FloatAttr>((*coefficients)[i]).getValueAsDouble() : 1;
    terms.push_back(factor == 1 ? term : step(Arithmetic::Multiply, term, scalar(factor)));
    native = native && factor == 1;
  }
  if (reverse)
    std::swap(terms[0], terms[1]);
  Tensor value = terms[0];
  for (size_t i = 1; i < count; ++i)
    value = step(arithmetic, value, terms[i]);
  // A value that is still an operand must not be limited in place.
  if (count == 1)
    value = value.clone();
  if (!native && !isExtremum(arithmetic))
    call.rounding = kernels::RoundMode::HalfAway;
  return call.finish(value.reshaped(call.resultShape()), limits);
}

LogicalResult evaluation::evaluateConstant(Call &call, Arithmetic arithmetic, double constant, bool reverse,
                                           const kernels::Limits &limits) {
  const Tensor in = call.floats(size_t{0}), other = scalar(constant);
  if (!isExtremum(arithmetic))
    call.rounding = kernels::RoundMode::HalfAway;
  return call.finish((reverse ? step(arithmetic, other, in) : step(arithmetic, in, other)).reshaped(call.resultShape()),
                     limits);
}

LogicalResult evaluation::evaluateChannelScale(Call &call, const Tensor &input, const Tensor &scale, const Tensor &bias,
                                               const kernels::Limits &limits) {
  const Extents &shape = input.shape();
  if (shape.size() < 2 || scale.elements() != shape[1] || (!bias.empty() && bias.elements() != shape[1]))
    return call.refuse("needs one scale and one bias per channel");
  const int64_t inner = shape[0] * shape[1] == 0 ? 0 : input.elements() / (shape[0] * shape[1]);
  Tensor out = call.floatResult();
  float *values = out.data<float>();
  // The chip's unit rounds the product and the sum.
  kernels::scaleChannels(input.data<float>(), values, shape[0], shape[1], inner, scale.data<float>(), nullptr);
  roundToType(values, out.elements(), call.resultType());
  if (!bias.empty()) {
    const std::vector<float> ones(shape[1], 1);
    kernels::scaleChannels(values, values, shape[0], shape[1], inner, ones.data(), bias.data<float>());
  }
  return call.finish(std::move(out), limits);
}
