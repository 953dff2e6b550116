// Building and planning of elementwise programs: temporaries are assigned by lifetime, and a step never writes where it
// reads, because the chip takes twice the time for that (Mac excepted).
#include "MathProgram.h"

#include "llvm/ADT/STLExtras.h"

namespace tpu_mlir::codegen {
using namespace bm1684x;

MathValue MathProgram::input(unsigned operand, ElementType stored, const Quantized &quantization) {
  MathValue value = step(MathStep::Input, {}, static_cast<int>(operand));
  if (stored == type)
    return value;
  if (!quantization)
    return step(MathStep::Widen, {value});
  MathArg zeroPoint = MathArg::raw(static_cast<uint32_t>(quantization->zeroPoint));
  return step(MathStep::Dequantize, {value, zeroPoint, quantization->dequantizeScale()});
}

MathValue MathProgram::mac(MathValue sum, MathArg a, MathArg b) {
  if (type == ElementType::F32)
    return step(MathStep::Mac, {sum, a, b});
  return add(sum, mul(a, b)); // Mac exists in f32 only
}

MathValue MathProgram::polynomial(MathValue x, llvm::ArrayRef<float> coefficients) {
  auto same = llvm::find_if(tables, [&](const auto &table) { return llvm::ArrayRef<float>(table) == coefficients; });
  int index = static_cast<int>(same - tables.begin());
  if (same == tables.end())
    tables.emplace_back(coefficients.begin(), coefficients.end());
  return step(MathStep::Polynomial, {x}, index);
}

MathValue MathProgram::quantized(MathValue value, const top::Quantization &quantization) {
  if (quantization.zeroPoint == 0)
    return mul(value, quantization.quantizeScale());
  return linear(value, quantization.quantizeScale(), static_cast<double>(quantization.zeroPoint));
}

/// Halves by value and by size, which conversions to integers do not know, as a step of their own.
MathValue MathProgram::rounded(MathValue value, int mode) {
  return mode == 5 || mode == 6 ? roundTo(value, mode) : value;
}

void MathProgram::finish(MathValue value, ElementType stored, int mode, const Quantized &quantization) {
  resultType = stored;
  resultRounding = mode;
  if (stored != type && !bm1684x::isFloat(stored)) {
    if (quantization)
      value = quantized(value, *quantization);
    value = rounded(value, mode);
    resultRounding = mode > 4 ? 2 : mode;
  }
  // The last step writes the result itself, so it has to be a step of its own.
  if (stored == type && steps[value.id].kind == MathStep::Input)
    value = copy(value);
  resultId = value.id;
  assignSlots();
}

void MathProgram::workInResult() {
  if (resultId < 0) // no steps: the op does something else
    return;
  usesResult = !narrows();
  assignSlots();
}

bool MathProgram::readsFree(unsigned operand) const {
  auto isElementwise = [&](const Step &s) {
    switch (s.kind) {
    case MathStep::Linear:
    case MathStep::SquareSum:
    case MathStep::Polynomial:
    case MathStep::Rsqrt:
    case MathStep::ChooseGreater:
    case MathStep::ChooseEqual:
    case MathStep::Exponent:
      return false;
    case MathStep::Dequantize:
      return narrows(); // both are bytes, or the result is wider
    default:
      return true;
    }
  };
  auto reads = [&](const Step &s) {
    return llvm::any_of(s.args, [&](const MathArg &arg) {
      return arg.id >= 0 && steps[arg.id].kind == MathStep::Input && steps[arg.id].amount == static_cast<int>(operand);
    });
  };
  return llvm::all_of(steps, [&](const Step &s) { return !reads(s) || isElementwise(s); });
}

void MathProgram::assignSlots() {
  std::vector<int> lastUse(steps.size(), -1);
  for (auto [i, s] : llvm::enumerate(steps))
    for (const MathArg &arg : s.args)
      if (arg.id >= 0)
        lastUse[arg.id] = static_cast<int>(i);
  if (narrows())
    lastUse[resultId] = static_cast<int>(steps.size());

  llvm::SmallVector<bool> busy;
  bool resultBusy = !usesResult;
  auto takeSlot = [&](int i) {
    // The last step must not write where it reads; a dequantized operand may have a shape of its own.
    if (!resultBusy && lastUse[i] < resultId && steps[i].kind != MathStep::Dequantize) {
      resultBusy = true;
      return resultSlot;
    }
    auto freeSlot = llvm::find(busy, false);
    if (freeSlot == busy.end())
      freeSlot = (busy.push_back(false), busy.end() - 1);
    *freeSlot = true;
    return static_cast<int>(freeSlot - busy.begin());
  };
  auto release = [&](int slot) {
    if (slot == resultSlot)
      resultBusy = false;
    else if (slot != noSlot)
      busy[slot] = false;
  };
  for (int i = 0; i < static_cast<int>(steps.size()); ++i) {
    Step &s = steps[i];
    s.slot = noSlot, s.copyFirst = false;
    bool writesResult = i == resultId && !narrows();
    if (s.kind != MathStep::Input && !writesResult) {
      int sum = s.kind == MathStep::Mac ? s.args[0].id : -1;
      bool usedTwice = sum >= 0 && (s.args[1].id == sum || s.args[2].id == sum);
      if (sum >= 0 && lastUse[sum] == i && steps[sum].slot != noSlot && !usedTwice &&
          (steps[sum].slot != resultSlot || lastUse[i] < resultId))
        s.slot = steps[sum].slot;
      else
        s.slot = takeSlot(i), s.copyFirst = sum >= 0;
    } else if (s.kind == MathStep::Mac) {
      s.copyFirst = true;
    }
    for (const MathArg &arg : s.args)
      if (arg.id >= 0 && lastUse[arg.id] == i && steps[arg.id].slot != s.slot)
        release(steps[arg.id].slot);
    if (lastUse[i] < 0)
      release(s.slot); // a value that nobody reads
  }
  slotCount = busy.size();
}

int64_t MathProgram::temporaryBytes(std::array<int64_t, 4> shape) const {
  return LocalTensor::aligned(0, shape, type).bytesPerLane();
}

int64_t MathProgram::cycles(std::array<int64_t, 4> shape) const {
  int64_t line = lineBytes / static_cast<int64_t>(byteSize(type));
  int64_t lines = shape[0] * ceilDiv(shape[1], numLanes) * ceilDiv(shape[2] * shape[3], line);
  int64_t perLine = resultType != type ? 1 : 0;
  for (const Step &s : steps) {
    switch (s.kind) {
    case MathStep::Input:
      break;
    case MathStep::Div:
      perLine += 15 + 8 * (s.amount - 1);
      break;
    case MathStep::Rsqrt:
      perLine += 30;
      break;
    case MathStep::ChooseGreater:
    case MathStep::ChooseEqual:
      perLine += 2;
      break;
    case MathStep::Polynomial:
      perLine += static_cast<int64_t>(tables[s.amount].size());
      break;
    case MathStep::Mac:
      perLine += s.copyFirst ? 2 : 1;
      break;
    default:
      perLine += 1;
      break;
    }
  }
  return lines * perLine;
}

} // namespace tpu_mlir::codegen
