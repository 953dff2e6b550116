#include "tpu_mlir/Support/Tensor.h"

#include <cstring>

using namespace tpu_mlir;

Tensor Tensor::clone() const {
  if (empty())
    return {};
  Tensor copy(elementType, dims);
  std::memcpy(copy.storage.get(), storage.get(), bytes());
  return copy;
}
