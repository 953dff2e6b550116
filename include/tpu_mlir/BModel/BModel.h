// A compiled model as plain values: networks, their stages (one per set of input shapes), tensors, command groups and
// weights. docs/bmodel.md describes the file; Reader.h and Writer.h go from and to it.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tpu_mlir::bmodel {

/// Bytes with shared ownership: a piece of the file that was read, or bytes that were made.
class Blob {
public:
  Blob() = default;
  Blob(llvm::ArrayRef<uint8_t> bytes, std::shared_ptr<const void> owner) : data(bytes), owner(std::move(owner)) {}
  /// Takes over any container of bytes.
  template <typename Container> static Blob of(Container bytes) {
    auto kept = std::make_shared<Container>(std::move(bytes));
    return Blob({reinterpret_cast<const uint8_t *>(kept->data()), kept->size()}, kept);
  }

  llvm::ArrayRef<uint8_t> bytes() const { return data; }
  uint64_t size() const { return data.size(); }

private:
  llvm::ArrayRef<uint8_t> data;
  std::shared_ptr<const void> owner;
};

enum class DataType : uint32_t {
  Float32 = 0,
  Float16 = 1,
  Int8 = 2,
  UInt8 = 3,
  Int16 = 4,
  UInt16 = 5,
  Int32 = 6,
  UInt32 = 7,
  BFloat16 = 8,
  Int4 = 9,
  UInt4 = 10,
};
/// "float32", …; "unknown" for other codes.
llvm::StringRef name(DataType type);
/// Bytes of one element; 0 for types that share bytes or are unknown.
unsigned byteSize(DataType type);

/// Role of a tensor (`Tensor::hidden`).
enum class TensorRole : int32_t { Intermediate = 0, Input = 1, Output = 2 };

/// Where net inputs and outputs live (`Net::addressMode`).
enum class AddressMode : int32_t { Basic = 0, IoAlone = 1, IoTag = 2, IoTagFuse = 3, IoReloc = 4, InReuse = 5 };

/// A GDMA address that the runtime replaces at every launch (AddressMode::IoReloc).
struct Relocation {
  uint32_t tensor = 0, addressOffset = 0, commandOffset = 0;
};

struct Tensor {
  std::string name;
  DataType type = DataType::Float32;
  int32_t storeMode = 0; ///< 0 plain; 1, 2 packed batches (BM1684)
  uint64_t address = 0;
  uint64_t bytes = 0;
  std::vector<std::vector<uint64_t>> shapes; ///< one entry
  uint32_t memoryType = 1;                   ///< 1 device, 2 host, 3 both
  float scale = 1;
  int32_t zeroPoint = 0;
  TensorRole role = TensorRole::Intermediate;
  int32_t index = 0; ///< among the network's inputs or outputs
  uint32_t hostAddress = 0;
  uint32_t paddedH = 0;
  std::optional<Relocation> relocation;

  llvm::ArrayRef<uint64_t> shape() const {
    return shapes.empty() ? llvm::ArrayRef<uint64_t>() : llvm::ArrayRef<uint64_t>(shapes.front());
  }
};

/// Streams of both engines. Counts include the end instructions, streams the padding.
struct CommandGroup {
  uint32_t tiuCount = 0, gdmaCount = 0;
  Blob tiu, gdma;
  std::vector<Relocation> relocations;
};

struct Location {
  std::string name;
  uint64_t offset = 0, bytes = 0;
};

struct Coefficients {
  uint64_t address = 0;
  Blob data;
  /// SHA-256 of the data; the writer computes it when it is empty.
  std::vector<uint8_t> checkCode;
  std::vector<Location> locations;
  int32_t encryptMode = 0;
  uint64_t decryptedBytes = 0;
};

enum class SubNetMode : int32_t { Tpu = 0, Cpu = 1, Merge = 2, Switch = 3 };

struct CpuConstant {
  std::string name;
  std::optional<Blob> data;
  std::vector<uint8_t> checkCode;
};

struct CpuOperator {
  int32_t type = 0, isCustom = 0;
  std::optional<Blob> parameters;
  std::vector<CpuConstant> constants;
};

struct SwitchParameters {
  std::vector<int32_t> outputFrom, outputBranch;
};

/// Command groups of one core of a multi-core chip.
struct CoreCommands {
  std::vector<CommandGroup> groups;
  std::vector<Blob> sdma, hau, cdma;
};

struct SubNet {
  SubNetMode mode = SubNetMode::Tpu;
  std::vector<Tensor> inputs, outputs;
  std::vector<CommandGroup> groups;
  std::vector<CoreCommands> cores;
  std::vector<CpuOperator> cpuOperators;
  int32_t id = -1;
  std::vector<int32_t> next;
  uint32_t core = 1;
  // Dynamic networks:
  int32_t isDynamic = 0, isBatchDynamic = 0, isSizeDynamic = 0;
  uint32_t irOffset = 0, irBytes = 0;
  // Control flow:
  std::optional<std::vector<std::vector<int32_t>>> mergeFrom;
  std::optional<SwitchParameters> switchParameters;
};

struct StageIr {
  uint32_t words = 0;
  int32_t heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0;
};

/// A network compiled for one set of input shapes.
struct Stage {
  std::vector<Tensor> inputs, outputs;
  uint64_t contextAddress = 0; ///< activations
  std::vector<uint64_t> contextSizes;
  uint64_t ioAddress = 0, ioBytes = 0; ///< AddressMode::IoAlone
  std::optional<Coefficients> coefficients;
  std::vector<SubNet> subNets;
  uint32_t cores = 1;
  uint32_t hostBytes = 0;
  // Dynamic networks:
  int32_t isDynamic = 0, isBatchDynamic = 0, isSizeDynamic = 0;
  std::vector<StageIr> stageIr;
  std::optional<Blob> ir;
  uint64_t dynamicContextAddress = 0, dynamicCoefficientOffset = 0, dynamicCombinedCoefficientOffset = 0;
  // For profilers:
  std::optional<Blob> profile, statistics, tensorLocations;

  uint64_t contextBytes() const {
    uint64_t sum = 0;
    for (uint64_t size : contextSizes)
      sum += size;
    return sum;
  }
};

struct Cascade {
  uint32_t device = 0, step = 0;
  std::string mainName;
};

struct Net {
  std::string name;
  std::vector<Stage> stages;
  AddressMode addressMode = AddressMode::Basic;
  std::optional<Cascade> cascade;
};

struct KernelModule {
  std::string fileName;
  Blob binary;
  int32_t mode = 0;
};

struct Model {
  std::string type = "B";
  std::string version = "2.2";
  std::string time; ///< empty unless the caller wants a time stamp
  std::string chip;
  std::vector<Net> nets;
  uint64_t neuronBytes = 0; ///< largest context of a stage
  uint32_t devices = 1;
  uint32_t modelType = 0;
  std::optional<KernelModule> kernelModule, cpuModule;
  std::optional<Blob> backend;

  const Net *find(llvm::StringRef netName) const;
};

/// Addresses that compiled files start from.
inline constexpr uint64_t weightBaseBM1684X = 0x1'0000'0000;
inline constexpr uint64_t pageBytes = 4096;

} // namespace tpu_mlir::bmodel
