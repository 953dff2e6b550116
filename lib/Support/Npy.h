// The .npy format: the text header of one array. Used by the .npz reader and writer only.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace tpu_mlir::npy {

/// Element types as NumPy writes them.
enum class Source : uint8_t { F4, F8, F2, U1, I1, U2, I2, U4, I4, U8, I8, Bool };

struct Header {
  Source source = Source::F4;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  int64_t elements = 0;
};

size_t sourceBytes(Source source);
/// The tensor type that an array of this type is read as.
ElementType hostType(Source source);

/// A name out of a file for use in a message: control characters must not break the message apart.
std::string printable(llvm::StringRef name);

/// Parses the header's dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }.
llvm::Expected<Header> parseHeader(llvm::StringRef text);

/// Magic, version and padded dictionary of a row-major array of the tensor's type and shape.
std::string makePreamble(const Tensor &tensor);

} // namespace tpu_mlir::npy
