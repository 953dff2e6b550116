// Addresses and shapes of values for code generation.
#include "tpu_mlir/Codegen/Context.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/MemorySharing.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

ElementType codegen::elementTypeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? top::elementTypeOf(tensor.getElementType()) : ElementType::None;
}

bool codegen::isWeight(Value value) { return static_cast<bool>(tpu::valueOf(value).getDefiningOp<top::WeightOp>()); }

/// Splits a count of elements into [1, c, 1, w] or [n, c, h, w] with many channels and no extent above the limit.
static std::array<int64_t, 4> spread(int64_t elements) {
  // Channels in multiples of the lanes where the count allows, then a plane.
  int64_t c = 1;
  for (int64_t candidate : {1024, 512, 256, 128, 64, 32, 16, 8, 4, 2})
    if (elements % candidate == 0 && elements / candidate >= std::min<int64_t>(16, candidate)) {
      c = candidate;
      break;
    }
  int64_t rest = elements / c, h = 1;
  while (rest / h > 32768) {
    int64_t factor = 2;
    while (factor < 4096 && (rest / h) % factor)
      ++factor;
    if ((rest / h) % factor)
      break;
    h *= factor;
  }
  return {1, c, h, rest / h};
}

std::array<int64_t, 4> codegen::viewShape(Type type, ViewKind kind) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  if (kind == ViewKind::Elementwise) {
    std::array<int64_t, 4> view = spread(elements);
    if (view[1] >= 64 || shape.size() > 4)
      return view;
    std::array<int64_t, 4> spatial = viewShape(type, ViewKind::Spatial);
    return spatial[1] > view[1] ? spatial : view;
  }
  std::array<int64_t, 4> view{1, 1, 1, 1};
  if (shape.size() <= 4) {
    std::copy(shape.begin(), shape.end(), view.begin());
  } else {
    std::copy(shape.begin(), shape.begin() + 3, view.begin());
    for (int64_t extent : shape.drop_front(3))
      view[3] *= extent;
  }
  if (shape.size() == 1)
    view = {1, shape[0], 1, 1};
  return view;
}

uint64_t CodegenContext::addressOf(Value value) const {
  if (addresses) {
    auto known = addresses->find(value);
    return known == addresses->end() ? 0 : known->second;
  }
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  auto address = tensor ? dyn_cast_or_null<IntegerAttr>(tensor.getEncoding()) : IntegerAttr();
  return address ? address.getInt() : 0;
}

GlobalTensor CodegenContext::global(Value value, std::array<int64_t, 4> shape) const {
  return GlobalTensor::contiguous(addressOf(value), shape, elementTypeOf(value.getType()));
}

GlobalTensor CodegenContext::global(Value value, ViewKind kind) const {
  return global(value, viewShape(value.getType(), kind));
}
