// Replaying an elementwise program for one tile.
#include "MathProgram.h"
#include "Spatial.h"

namespace tpu_mlir::codegen {
using namespace bm1684x;

/// A constant of a program that computes in `type`.
static Constant constantIn(ElementType type, double value) {
  return bm1684x::isFloat(type) ? constantOf(value, type) : Constant::integer(static_cast<int64_t>(value), type);
}

void MathProgram::emitTables(Assembler &assembler, uint32_t tableAddress) const {
  for (const auto &table : tables) {
    for (size_t i = 0; i < table.size(); ++i) {
      uint32_t at = tableAddress + static_cast<uint32_t>(i * byteSize(type));
      assembler.tiu.fill(LocalTensor::free(at, {1, numLanes, 1, 1}, {1, 1, 1, 1}, type), constantOf(table[i], type));
    }
    tableAddress += lineBytes;
  }
}

void MathProgram::emit(Assembler &assembler, const LocalTensor &result, llvm::ArrayRef<LocalTensor> operands,
                       uint32_t scratch, uint32_t tableAddress) const {
  Tiu &tiu = assembler.tiu;
  int64_t bytes = temporaryBytes(result.shape);
  auto temporary = [&](int slot) {
    return LocalTensor::aligned(scratch + static_cast<uint32_t>(slot * bytes), result.shape, type, result.lane);
  };
  // A repeated operand is dequantized as it is stored.
  auto dequantized = [&](const Step &s) {
    const LocalTensor &stored = operands[steps[s.args[0].id].amount];
    return s.slot < 0 ? result : LocalTensor::aligned(temporary(s.slot).offset, stored.shape, type, stored.lane);
  };
  // Dequantization takes aligned tensors: a part of a plane is copied into the result's memory, which is free still.
  auto alignedOperand = [&](const LocalTensor &stored) {
    if (stored.layout != Layout::Free)
      return stored;
    LocalTensor copy = LocalTensor::aligned(result.offset, stored.shape, stored.type, stored.lane);
    tiu.copy(copy, stored);
    return copy;
  };
  auto valueOf = [&](int id) {
    const Step &s = steps[id];
    if (s.kind == MathStep::Input)
      return operands[s.amount].broadcast(result.shape);
    if (s.kind == MathStep::Dequantize)
      return dequantized(s).broadcast(result.shape);
    return s.slot >= 0 ? temporary(s.slot) : result;
  };
  for (const Step &s : steps) {
    if (s.kind == MathStep::Input)
      continue;
    LocalTensor out = s.slot >= 0 ? temporary(s.slot) : result;
    auto arg = [&](unsigned i) -> Operand {
      const MathArg &a = s.args[i];
      if (!a.isConstant)
        return valueOf(a.id);
      return a.isRaw ? Constant::raw(a.bits, type) : constantIn(type, a.constant);
    };
    auto integerArg = [&](unsigned i) -> Operand {
      const MathArg &a = s.args[i];
      if (!a.isConstant)
        return valueOf(a.id).as(ElementType::I32);
      return Constant::raw(a.bits, ElementType::I32);
    };
    IntegerOptions shifted{s.amount, Rounding::TowardZero, false};
    switch (s.kind) {
    case MathStep::Input:
      break;
    case MathStep::Widen:
      tiu.cast(out, valueOf(s.args[0].id));
      break;
    case MathStep::Dequantize:
      tiu.dequant(dequantized(s), alignedOperand(operands[steps[s.args[0].id].amount]),
                  DequantFloat{s.args[2].constant, static_cast<int32_t>(s.args[1].bits)});
      break;
    case MathStep::Add:
      tiu.add(out, arg(0), arg(1));
      break;
    case MathStep::Sub:
      tiu.sub(out, arg(0), arg(1));
      break;
    case MathStep::Mul:
      tiu.mul(out, arg(0), arg(1));
      break;
    case MathStep::Max:
      tiu.max(out, arg(0), arg(1));
      break;
    case MathStep::Min:
      tiu.min(out, arg(0), arg(1));
      break;
    case MathStep::Div:
      tiu.div(out, arg(0), arg(1), s.amount);
      break;
    case MathStep::Abs:
      tiu.abs(out, valueOf(s.args[0].id));
      break;
    case MathStep::Copy:
      tiu.copy(out, valueOf(s.args[0].id));
      break;
    case MathStep::Mac:
      if (s.copyFirst)
        tiu.copy(out, valueOf(s.args[0].id));
      tiu.mac(out, arg(1), arg(2));
      break;
    case MathStep::Linear:
      tiu.scaleBias(out, valueOf(s.args[0].id), arg(1), arg(2));
      break;
    case MathStep::SquareSum:
      tiu.squareSum(out, valueOf(s.args[0].id), arg(1));
      break;
    case MathStep::Polynomial: {
      int64_t count = static_cast<int64_t>(tables[s.amount].size());
      uint32_t at = tableAddress + static_cast<uint32_t>(s.amount * lineBytes);
      int64_t lanes = std::min(numLanes, result.shape[1]);
      tiu.taylor(out, valueOf(s.args[0].id), LocalTensor::aligned(at, {1, lanes, 1, count}, type, result.lane));
      break;
    }
    case MathStep::Rsqrt:
      tiu.rsqrt(out, valueOf(s.args[0].id));
      break;
    case MathStep::RoundTo:
      tiu.cast(out, valueOf(s.args[0].id), static_cast<Rounding>(s.amount));
      break;
    case MathStep::SelectGreater:
      tiu.selectOrZero(Relation::Greater, out, arg(0), arg(1), arg(2));
      break;
    case MathStep::SelectLess:
      tiu.selectOrZero(Relation::Less, out, arg(0), arg(1), arg(2));
      break;
    case MathStep::ChooseGreater:
      tiu.select(Relation::Greater, out, arg(0), arg(1), arg(2), arg(3));
      break;
    case MathStep::ChooseEqual:
      tiu.select(Relation::Equal, out, arg(0), arg(1), arg(2), arg(3));
      break;
    case MathStep::Exponent:
      tiu.normalize(out.as(ElementType::I32), valueOf(s.args[0].id));
      break;
    case MathStep::IntAddShift:
      tiu.integer(ArOp::Add, out.as(ElementType::I32), integerArg(0), integerArg(1), shifted);
      break;
    case MathStep::IntSubShift:
      tiu.integer(ArOp::Sub, out.as(ElementType::I32), integerArg(0), integerArg(1), shifted);
      break;
    case MathStep::IntToFloat:
      tiu.cast(out, valueOf(s.args[0].id).as(ElementType::I32));
      break;
    case MathStep::Xor:
      tiu.bitXor(out.as(ElementType::I32), integerArg(0), integerArg(1));
      break;
    case MathStep::And:
      tiu.bitAnd(out.as(ElementType::I32), integerArg(0), integerArg(1));
      break;
    }
  }
  if (resultType != type)
    tiu.cast(result, valueOf(resultId), static_cast<Rounding>(resultRounding));
}

} // namespace tpu_mlir::codegen
