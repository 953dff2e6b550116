// An instruction prepared for execution: what it reads and writes, and the function that does it. Each family has a
// file with a prepare function; Prepare.cpp dispatches. Preparation checks everything that the fields alone decide, so
// execution only fails on data (an index out of range).
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Simulator/Memory.h"
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include "llvm/ADT/Twine.h"
#include <functional>

namespace tpu_mlir::sim {

using bm1684x::Field;
using bm1684x::Format;
using bm1684x::Instruction;
using kernels::Precision;
using kernels::RoundMode;

/// Host memory behind the regions of an operation.
struct Context {
  llvm::SmallVector<const uint8_t *, 4> reads;
  llvm::SmallVector<uint8_t *, 2> writes;
};

struct Operation {
  llvm::SmallVector<Region, 4> reads;
  llvm::SmallVector<Region, 2> writes;
  /// Execution takes all operands before it writes results, or works when they overlap.
  bool overlapSafe = false;
  std::function<llvm::Error(const Context &)> run;

  int addRead(const Region &region) {
    reads.push_back(region);
    return static_cast<int>(reads.size()) - 1;
  }
  int addWrite(const Region &region) {
    writes.push_back(region);
    return static_cast<int>(writes.size()) - 1;
  }
};

/// Reads an instruction's fields; the first problem is kept and ends preparation.
class FieldReader {
public:
  explicit FieldReader(const Instruction &instruction) : insn(instruction) {}

  uint64_t operator[](Field field) const { return insn[field]; }
  int64_t size(Field field) const { return static_cast<int64_t>(insn[field]); }
  bool flag(Field field) const { return insn[field] != 0; }
  bool has(Field field) const { return insn.has(field); }
  unsigned subOp() const { return insn.subOp(); }

  Precision precision(Field field);
  /// The rounding mode of field opd2_n_str.
  RoundMode rounding(bool toInteger = false);
  RoundMode roundingCode(uint64_t code, bool toInteger = false);

  /// res0_n … res0_w
  std::array<int64_t, 4> resultShape() const {
    return {size(Field::res0_n), size(Field::res0_c), size(Field::res0_h), size(Field::res0_w)};
  }

  void require(bool holds, const llvm::Twine &message) {
    if (!holds && problem.empty())
      problem = message.str();
  }
  llvm::Error unsupported() const;
  bool failed() const { return !problem.empty(); }
  /// Success, or the first problem.
  llvm::Error takeError() const { return problem.empty() ? llvm::Error::success() : llvm::createStringError(problem); }

  const Instruction &insn;

private:
  std::string problem;
};

// Layouts of local tensors; `address` as in TIU fields: lane · 256 KiB + offset.
using Shape = std::array<int64_t, 4>;
Region alignedRegion(uint64_t address, const Shape &shape, int elementBytes);
Region compactRegion(uint64_t address, const Shape &shape, int elementBytes);
Region lineRegion(uint64_t address, const Shape &shape, int elementBytes);
/// One value per channel, the same for all n, h, w.
Region perChannelRegion(uint64_t address, const Shape &shape, int elementBytes);
Region stridedRegion(uint64_t address, const Shape &shape, const Shape &strides, int elementBytes);

using Prepared = llvm::Expected<Operation>;
Prepared prepareConv(const Instruction &);
Prepared preparePoolDepthwise(const Instruction &);
Prepared prepareMatmulFolded(const Instruction &);
Prepared prepareMatmulRows(const Instruction &);
Prepared prepareElementwise(const Instruction &);
Prepared prepareElementwiseInteger(const Instruction &);
Prepared prepareCast(const Instruction &);
Prepared prepareRequantDequant(const Instruction &);
Prepared prepareTransposeBroadcast(const Instruction &);
Prepared prepareScatterGather(const Instruction &);
Prepared prepareLineScatterGather(const Instruction &);
Prepared prepareSpecialFunction(const Instruction &);
Prepared prepareLinear(const Instruction &);
Prepared prepareCompare(const Instruction &);
Prepared prepareVectorCorrelation(const Instruction &);
Prepared prepareDmaTensor(const Instruction &);
Prepared prepareDmaMatrix(const Instruction &);
Prepared prepareDmaGeneral(const Instruction &);
Prepared prepareDmaIndexed(const Instruction &);
Prepared prepareDmaCompaction(const Instruction &);

/// The operation of any instruction; system instructions that change nothing have an empty `run`.
Prepared prepare(const Instruction &instruction);

} // namespace tpu_mlir::sim
