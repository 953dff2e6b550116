// Operand access, conversions and registration for the evaluators of both dialects.
#include "Common.h"

#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Evaluation/InferenceModels.h"
#include "tpu_mlir/Support/Parallel.h"

#include <cstring>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static constexpr int64_t conversionGrain = 32768;

static const Tensor noTensor;

const Tensor &Call::operand(Value value) const {
  for (auto [index, candidate] : llvm::enumerate(op->getOperands()))
    if (candidate == value)
      return operands[index];
  return noTensor;
}

Tensor Call::floats(size_t index) const { return realValues(operands[index], op->getOperand(index).getType()); }
Tensor Call::floats(Value value) const { return value ? realValues(operand(value), value.getType()) : Tensor(); }

Extents Call::resultShape(size_t index) const {
  ArrayRef<int64_t> shape = top::shapeOf(op->getResult(index));
  return {shape.begin(), shape.end()};
}

ElementType Call::resultType() const { return top::elementTypeOf(op->getResult(results.size()).getType()); }

bool Call::isWanted(size_t index) const { return !top::isNone(op->getResult(index)); }

std::optional<top::Quantization> Call::operandQuantization(size_t index) const {
  return top::quantizationOf(op->getOperand(index));
}
std::optional<top::Quantization> Call::resultQuantization() const {
  return top::quantizationOf(op->getResult(results.size()));
}

LogicalResult Call::finish(Tensor value) {
  if (std::optional<top::Quantization> quantization = resultQuantization();
      quantization && isByteType(quantization->storage)) {
    results.push_back(quantized(value, *quantization));
    return success();
  }
  if (!isFloatType(resultType()))
    return refuse("has a result of type " + llvm::Twine(name(resultType())) +
                  "; arithmetic is evaluated in f32, f16 and bf16 only, or quantized to 8 bits");
  results.push_back(fromFloat(value, resultType(), rounding));
  return success();
}

LogicalResult Call::finish(Tensor value, const kernels::Limits &limits) {
  if (limits.low != kernels::Limits().low || limits.high != kernels::Limits().high)
    kernels::limit(value.data<float>(), value.data<float>(), value.elements(), limits);
  return finish(std::move(value));
}

LogicalResult Call::finishAsIs(Tensor value) {
  results.push_back(std::move(value));
  return success();
}

LogicalResult Call::refuse(const Twine &reason) const { return op->emitOpError(reason); }

template <typename T> static void convertIntegers(const Tensor &from, Tensor &to) {
  for (int64_t i = 0; i < from.elements(); ++i)
    to.data<float>()[i] = static_cast<float>(from.data<T>()[i]);
}

Tensor evaluation::toFloat(const Tensor &tensor) {
  if (tensor.empty() || tensor.type() == ElementType::F32)
    return tensor;
  Tensor result(ElementType::F32, tensor.shape());
  switch (tensor.type()) {
  case ElementType::F16:
  case ElementType::BF16:
    parallelFor(tensor.elements(), conversionGrain, [&](int64_t begin, int64_t end) {
      kernels::convertHalfToF32(precisionOf(tensor.type()), tensor.data<uint16_t>() + begin,
                                result.data<float>() + begin, end - begin);
    });
    break;
  case ElementType::I8:
    convertIntegers<int8_t>(tensor, result);
    break;
  case ElementType::U8:
    convertIntegers<uint8_t>(tensor, result);
    break;
  case ElementType::I16:
    convertIntegers<int16_t>(tensor, result);
    break;
  case ElementType::U16:
    convertIntegers<uint16_t>(tensor, result);
    break;
  case ElementType::I32:
    convertIntegers<int32_t>(tensor, result);
    break;
  case ElementType::U32:
    convertIntegers<uint32_t>(tensor, result);
    break;
  case ElementType::I64:
    convertIntegers<int64_t>(tensor, result);
    break;
  default:
    break;
  }
  return result;
}

kernels::ByteQuantization evaluation::byteQuantization(const top::Quantization &quantization) {
  return {quantization.dequantizeScale(),
          quantization.quantizeScale(),
          static_cast<int32_t>(quantization.zeroPoint),
          static_cast<int32_t>(quantization.low),
          static_cast<int32_t>(quantization.high),
          quantization.storage == ElementType::I8};
}

Tensor evaluation::realValues(const Tensor &tensor, Type type) {
  const std::optional<top::Quantization> quantization = top::quantizationOf(type);
  if (!quantization || tensor.empty() || isFloatType(tensor.type()))
    return toFloat(tensor);
  if (!isByteType(tensor.type())) {
    Tensor result = toFloat(tensor).clone();
    for (int64_t i = 0; i < result.elements(); ++i)
      result.data<float>()[i] =
          (result.data<float>()[i] - static_cast<float>(quantization->zeroPoint)) * quantization->dequantizeScale();
    return result;
  }
  Tensor result(ElementType::F32, tensor.shape());
  kernels::dequantize(byteQuantization(*quantization), tensor.data<uint8_t>(), result.data<float>(), tensor.elements());
  return result;
}

Tensor evaluation::quantized(const Tensor &tensor, const top::Quantization &quantization, kernels::RoundMode mode) {
  Tensor result(quantization.storage, tensor.shape());
  kernels::quantize(byteQuantization(quantization), tensor.data<float>(), result.data<uint8_t>(), tensor.elements(),
                    mode);
  return result;
}

Tensor evaluation::fromFloat(const Tensor &tensor, ElementType type, kernels::RoundMode mode) {
  if (type == ElementType::F32)
    return tensor;
  Tensor result(type, tensor.shape());
  parallelFor(tensor.elements(), conversionGrain, [&](int64_t begin, int64_t end) {
    kernels::convertF32ToHalf(precisionOf(type), tensor.data<float>() + begin, result.data<uint16_t>() + begin,
                              end - begin, mode);
  });
  return result;
}

bool evaluation::isFloatType(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F16 || type == ElementType::BF16;
}

kernels::Precision evaluation::precisionOf(ElementType type) {
  return type == ElementType::F16    ? kernels::Precision::F16
         : type == ElementType::BF16 ? kernels::Precision::BF16
                                     : kernels::Precision::F32;
}

void evaluation::roundToType(float *values, int64_t count, ElementType type) {
  if (type == ElementType::F32)
    return;
  parallelFor(count, conversionGrain, [&](int64_t begin, int64_t end) {
    kernels::roundToPrecision(precisionOf(type), values + begin, end - begin);
  });
}

Extents evaluation::integersOf(const Tensor &tensor) {
  Extents values;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    switch (tensor.type()) {
    case ElementType::I64:
      values.push_back(tensor.data<int64_t>()[i]);
      break;
    case ElementType::I32:
      values.push_back(tensor.data<int32_t>()[i]);
      break;
    default:
      break;
    }
  if (values.empty() && tensor.elements() > 0) {
    Tensor floats = toFloat(tensor);
    for (int64_t i = 0; i < floats.elements(); ++i)
      values.push_back(static_cast<int64_t>(floats.data<float>()[i]));
  }
  return values;
}

kernels::Limits evaluation::reluLimits(bool doRelu, const llvm::APFloat &limit) {
  kernels::Limits limits;
  if (doRelu) {
    limits.low = 0;
    if (double high = limit.convertToDouble(); high > 0)
      limits.high = static_cast<float>(high);
  }
  return limits;
}

void tpu_mlir::registerInferenceModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, top::TopDialect *) {
    attachTopWindowModels(*context);
    attachTopActivationModels(*context);
    attachTopElementwiseModels(*context);
    attachTopMatrixModels(*context);
    attachTopLayoutModels(*context);
    attachTopQuantizeModels(*context);
    attachTopMathModels(*context);
    attachTopIndexingModels(*context);
    attachTopTensorModels(*context);
    attachTopRecurrentModels(*context);
    attachTopNormModels(*context);
    attachTopSamplingModels(*context);
    attachTopTrainingModels(*context);
    attachTopAttentionModels(*context);
    attachTopQuantModels(*context);
    attachTopImageModels(*context);
    attachTopDetectionModels(*context);
  });
  registry.addExtension(+[](MLIRContext *context, tpu::TpuDialect *) {
    attachTpuWindowModels(*context);
    attachTpuActivationModels(*context);
    attachTpuElementwiseModels(*context);
    attachTpuMatrixModels(*context);
    attachTpuLayoutModels(*context);
    attachTpuStructureModels(*context);
  });
}
