// Arithmetic of tensors with broadcasting, one rounding per step.
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

// One instruction: the result is rounded to the type.
static Tensor step(Arithmetic arithmetic, const Tensor &a, const Tensor &b, ElementType type) {
  Tensor out(ElementType::F32, broadcast(a.shape(), b.shape()));
  kernels::combine(arithmetic, a.data<float>(), a.shape(), b.data<float>(), b.shape(), out.data<float>(), out.shape());
  roundToType(out.data<float>(), out.elements(), type);
  return out;
}

static Tensor scalar(double value, ElementType type) {
  Tensor tensor(ElementType::F32, {1});
  *tensor.data<float>() = roundToType(value, type);
  return tensor;
}

LogicalResult evaluation::evaluateChain(Call &call, Arithmetic arithmetic, std::optional<ArrayAttr> coefficients,
                                        bool reverse, const kernels::Limits &limits) {
  const size_t count = call.operandCount();
  if (coefficients && !*coefficients)
    coefficients.reset();
  if (count == 0 || (reverse && count != 2) || (coefficients && coefficients->size() != count))
    return call.refuse("has an unexpected number of operands or coefficients");
  const ElementType type = call.resultType();
  std::vector<Tensor> terms;
  for (size_t i = 0; i < count; ++i) {
    Tensor term = call.floats(i);
    const double factor = coefficients ? cast<FloatAttr>((*coefficients)[i]).getValueAsDouble() : 1;
    terms.push_back(factor == 1 ? term : step(Arithmetic::Multiply, term, scalar(factor, type), type));
  }
  if (reverse)
    std::swap(terms[0], terms[1]);
  Tensor value = terms[0];
  for (size_t i = 1; i < count; ++i)
    value = step(arithmetic, value, terms[i], type);
  // A value that is still an operand must not be limited in place.
  if (count == 1)
    value = value.clone();
  return call.finish(value.reshaped(call.resultShape()), limits);
}

LogicalResult evaluation::evaluateConstant(Call &call, Arithmetic arithmetic, double constant, bool reverse,
                                           const kernels::Limits &limits) {
  const ElementType type = call.resultType();
  const Tensor in = call.floats(size_t{0}), other = scalar(constant, type);
  return call.finish(reverse ? step(arithmetic, other, in, type).reshaped(call.resultShape())
                             : step(arithmetic, in, other, type).reshaped(call.resultShape()),
                     limits);
}

LogicalResult evaluation::evaluateChannelScale(Call &call, const Tensor &input, const Tensor &scale, const Tensor &bias,
                                               const kernels::Limits &limits) {
  const Extents &shape = input.shape();
  if (shape.size() < 2 || scale.elements() != shape[1] || (!bias.empty() && bias.elements() != shape[1]))
    return call.refuse("needs one scale and one bias per channel");
  const int64_t inner = shape[0] * shape[1] == 0 ? 0 : input.elements() / (shape[0] * shape[1]);
  Tensor out = call.floatResult();
  kernels::scaleChannels(input.data<float>(), out.data<float>(), shape[0], shape[1], inner, scale.data<float>(),
                         bias.empty() ? nullptr : bias.data<float>(), limits);
  return call.finish(std::move(out));
}
