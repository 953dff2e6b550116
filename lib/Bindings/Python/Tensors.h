// Host tensors as NumPy arrays, without copying in either direction where the layout allows it.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/Support/Error.h"
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace tpu_mlir::python {
/// An array on the tensor's storage, which it keeps alive. F16 becomes float16; BF16 becomes uint16, its bits.
pybind11::array toNumpy(const Tensor &tensor);
/// The tensor as float32: a copy for F16, BF16 and integers, the storage itself for F32.
pybind11::array toNumpyF32(const Tensor &tensor);
/// A tensor on the array's memory (which it keeps alive), or on a copy if the array is not contiguous. float64 and
/// int64 stay f32 and I64; bool becomes U8. TypeError for other types.
Tensor fromNumpy(pybind11::array array);
/// Raises RuntimeError (ToolError in Python) with the text of the error.
void raiseOnError(llvm::Error error);
template <typename T> T valueOrRaise(llvm::Expected<T> value) {
  if (!value)
    raiseOnError(value.takeError());
  return std::move(*value);
}
} // namespace tpu_mlir::python
