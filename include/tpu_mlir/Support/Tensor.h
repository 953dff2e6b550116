// A host tensor: element type, shape and shared storage in the type's own width. No MLIR here, so kernels, simulator
// and bmodel code use it too.
#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string_view>
#include <vector>

namespace tpu_mlir {

/// Element types that tensors have on the host and on the chips. F16 and BF16 are stored as their 16 bits.
enum class ElementType : uint8_t { None, F32, F16, BF16, I8, U8, I16, U16, I32, U32, I64 };

/// Bytes of one element; 0 for None.
constexpr size_t byteSize(ElementType type) {
  switch (type) {
  case ElementType::None:
    return 0;
  case ElementType::I8:
  case ElementType::U8:
    return 1;
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::I16:
  case ElementType::U16:
    return 2;
  case ElementType::I64:
    return 8;
  default:
    return 4;
  }
}

/// The name used in messages: "f32", "bf16", "u8" …
constexpr std::string_view name(ElementType type) {
  constexpr std::string_view names[] = {"none", "f32", "f16", "bf16", "i8", "u8", "i16", "u16", "i32", "u32", "i64"};
  return names[static_cast<size_t>(type)];
}

/// A dense row-major tensor. Copies share storage; `clone` makes storage of its own. A default-made one stands for an
/// operand of type none.
class Tensor {
public:
  Tensor() = default;
  /// Uninitialized storage of the given type and shape.
  Tensor(ElementType type, std::vector<int64_t> shape)
      : elementType(type), dims(std::move(shape)),
        storage(new uint8_t[bytes() + 64], std::default_delete<uint8_t[]>()) {}
  /// A view of memory that `owner` keeps alive.
  Tensor(ElementType type, std::vector<int64_t> shape, std::shared_ptr<uint8_t> owner)
      : elementType(type), dims(std::move(shape)), storage(std::move(owner)) {}

  bool empty() const { return elementType == ElementType::None; }
  ElementType type() const { return elementType; }
  const std::vector<int64_t> &shape() const { return dims; }
  int64_t dim(int64_t axis) const { return dims[axis < 0 ? axis + dims.size() : axis]; }
  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t elements() const { return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>()); }
  size_t bytes() const { return static_cast<size_t>(elements()) * byteSize(elementType); }

  template <typename T> T *data() {
    assert(sizeof(T) == 1 || sizeof(T) == byteSize(elementType));
    return reinterpret_cast<T *>(storage.get());
  }
  template <typename T> const T *data() const {
    assert(sizeof(T) == 1 || sizeof(T) == byteSize(elementType));
    return reinterpret_cast<const T *>(storage.get());
  }

  /// The same storage seen with another shape of equal element count.
  Tensor reshaped(std::vector<int64_t> shape) const { return Tensor(elementType, std::move(shape), storage); }
  Tensor clone() const;

private:
  ElementType elementType = ElementType::None;
  std::vector<int64_t> dims;
  std::shared_ptr<uint8_t> storage;
};

} // namespace tpu_mlir
