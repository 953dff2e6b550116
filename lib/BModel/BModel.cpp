// Names and sizes of data types, look-up of networks.
#include "tpu_mlir/BModel/BModel.h"
#include "llvm/ADT/StringRef.h"

namespace tpu_mlir::bmodel {

llvm::StringRef name(DataType type) {
  constexpr const char *names[] = {"float32", "float16", "int8",     "uint8", "int16", "uint16",
                                   "int32",   "uint32",  "bfloat16", "int4",  "uint4"};
  size_t code = static_cast<size_t>(type);
  return code < std::size(names) ? names[code] : "unknown";
}

unsigned byteSize(DataType type) {
  switch (type) {
  case DataType::Float32:
  case DataType::Int32:
  case DataType::UInt32:
    return 4;
  case DataType::Float16:
  case DataType::BFloat16:
  case DataType::Int16:
  case DataType::UInt16:
    return 2;
  case DataType::Int8:
  case DataType::UInt8:
    return 1;
  default:
    return 0;
  }
}

const Net *Model::find(llvm::StringRef netName) const {
  for (const Net &net : nets)
    if (net.name == netName)
      return &net;
  return nullptr;
}

} // namespace tpu_mlir::bmodel
